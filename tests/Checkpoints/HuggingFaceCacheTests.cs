using Logitscope.Tests.Cli;
using Logitscope.Tests.Golden;

namespace Logitscope.Tests.Checkpoints;

/// <summary>A cache as HuggingFace's programs leave it: a reference names a commit, whose files are links to blobs.</summary>
[Collection(nameof(Alone))]
public sealed class HuggingFaceCacheTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const string Other = "89abcdef0123456789abcdef0123456789abcdef";

    private readonly TemporaryFolder _folder = new();
    private readonly Variable[] _variables;

    public HuggingFaceCacheTests() => _variables =
    [
        new("HF_HUB_CACHE", Cache), new("HF_HOME", ""), new("XDG_CACHE_HOME", ""),
    ];

    private string Cache => _folder.PathOf("cache");

    public void Dispose()
    {
        Array.ForEach(_variables, variable => variable.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task A_name_loads_the_model_that_the_cache_holds()
    {
        var source = GoldenModel.FolderOf("gptj/one-layer");
        var snapshot = Add("some-lab/tiny.model_1", Commit, source);
        Refer("some-lab/tiny.model_1", "main", Commit);
        using var model = LanguageModel.Load("some-lab/tiny.model_1");
        using var direct = LanguageModel.Load(source);
        Assert.Equal(snapshot, model.Folder);
        Assert.Equal(direct.Fingerprint, model.Fingerprint);
        foreach (var arguments in new string[][] { ["inspect", "some-lab/tiny.model_1"], ["inspect", "--model", "some-lab/tiny.model_1"] })
        {
            var facts = (await Outcome.Of([.. arguments, "--json"])).Succeeded().Json;
            Assert.Equal(direct.Fingerprint, facts.GetProperty("fingerprint").GetString());
        }
    }

    [Fact]
    public async Task A_tokenizer_is_read_through_the_links()
    {
        Refer("lab/words", "main", Commit);
        Add("lab/words", Commit, EmbeddedModel.Folder, "vocab.json", "merges.txt", "tokenizer_config.json");
        var expected = ModelTokenizer.Load(EmbeddedModel.Folder).Encode("The capital of Peru").Ids;
        foreach (var arguments in new string[][] { ["tokenize", "lab/words"], ["tokenize", "--model", "lab/words@main"] })
        {
            var answer = (await Outcome.Of([.. arguments, "--text", "The capital of Peru", "--json"])).Succeeded().Json;
            Assert.Equal(expected, answer.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
        }
    }

    [Fact]
    public void A_revision_is_a_reference_or_a_commit()
    {
        var (main, pull) = (Add("lab/m", Commit), Add("lab/m", Other));
        Refer("lab/m", "main", Commit + "\n");
        Refer("lab/m", "refs/pr/1", Other);
        Assert.Equal(main, HuggingFaceCache.FolderOf("lab/m"));
        Assert.Equal(pull, HuggingFaceCache.FolderOf("lab/m@refs/pr/1"));
        Assert.Equal(pull, HuggingFaceCache.FolderOf($"lab/m@{Other}"));
    }

    [Fact]
    public void A_name_without_an_owner_is_one_too()
    {
        var snapshot = Add("gpt2", Commit);
        Refer("gpt2", "main", Commit);
        Assert.Equal(snapshot, HuggingFaceCache.FolderOf("gpt2"));
    }

    [Fact]
    public async Task What_is_not_there_is_one_line_that_says_how_to_download_it()
    {
        Add("lab/m", Commit);
        foreach (var verb in new string[][] { ["lens", "--text", "x"], ["tokenize", "--text", "x"], ["inspect"] })
        {
            (await Outcome.Of([.. verb, "--model", "lab/m"])).FailedWith("'hf download lab/m'");
            (await Outcome.Of([.. verb, "--model", "lab/m@v2"])).FailedWith("'./logitscope download lab/m --revision v2'");
        }
    }

    [Theory]
    [InlineData("../../elsewhere")]
    [InlineData("main")]
    [InlineData("")]
    public void A_reference_that_names_no_commit_leads_nowhere(string content)
    {
        Directory.CreateDirectory(_folder.PathOf("cache", "models--lab--m", "elsewhere"));
        Directory.CreateDirectory(_folder.PathOf("cache", "models--lab--m", "snapshots", "main"));
        Refer("lab/m", "main", content);
        Assert.Throws<CheckpointException>(() => HuggingFaceCache.FolderOf("lab/m"));
    }

    [Theory]
    [InlineData("/no/such/folder")]
    [InlineData("./lab/m")]
    [InlineData("../lab/m")]
    [InlineData("a/b/c")]
    [InlineData("lab/..")]
    [InlineData("lab/m@../../x")]
    public void What_is_no_name_is_a_path(string path) => Assert.Equal(path, HuggingFaceCache.FolderOf(path));

    [Fact]
    public void A_folder_of_that_name_wins()
    {
        Add("lab/m", Commit);
        Refer("lab/m", "main", Commit);
        var before = Directory.GetCurrentDirectory();
        Directory.CreateDirectory(_folder.PathOf("here", "lab", "m"));
        try
        {
            Directory.SetCurrentDirectory(_folder.PathOf("here"));
            Assert.Equal("lab/m", HuggingFaceCache.FolderOf("lab/m"));
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }

    [Theory]
    [InlineData("/a", "/b", "/c", "/a")]
    [InlineData("", "/b", "/c", "/b/hub")]
    [InlineData("", "", "/c", "/c/huggingface/hub")]
    [InlineData("", "", "", "~/.cache/huggingface/hub")]
    [InlineData("~/a", "", "", "~/a")]
    public void The_cache_is_where_the_variables_say(string hub, string home, string cache, string expected)
    {
        using var first = new Variable("HF_HUB_CACHE", hub);
        using var second = new Variable("HF_HOME", home);
        using var third = new Variable("XDG_CACHE_HOME", cache);
        var profile = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(expected.Replace("~", profile), HuggingFaceCache.Folder);
    }

    [Fact]
    public async Task A_model_is_named_once() =>
        (await Outcome.Of("inspect", "one", "--model", "other")).FailedWith("got 'one' and --model 'other'");

    private static string RepositoryOf(string model) => $"models--{model.Replace("/", "--")}";

    private void Refer(string model, string revision, string content) =>
        _folder.Write(Path.Combine("cache", RepositoryOf(model), "refs", revision), content);

    // The files of a folder as blobs, and a snapshot of links to them.
    private string Add(string model, string commit, string? source = null, params string[] names)
    {
        var repository = Path.Combine(Cache, RepositoryOf(model));
        var snapshot = Directory.CreateDirectory(Path.Combine(repository, "snapshots", commit)).FullName;
        var blobs = Directory.CreateDirectory(Path.Combine(repository, "blobs")).FullName;
        string[] files = names.Length > 0 || source is null ? names : [.. Directory.GetFiles(source).Select(file => Path.GetFileName(file))];
        foreach (var (i, file) in files.Index())
        {
            File.Copy(Path.Combine(source!, file), Path.Combine(blobs, $"blob-{i}"));
            File.CreateSymbolicLink(Path.Combine(snapshot, file), Path.Combine("..", "..", "blobs", $"blob-{i}"));
        }

        return snapshot;
    }
}
