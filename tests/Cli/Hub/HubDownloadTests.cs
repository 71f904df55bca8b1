using System.Text;
using Logitscope.Cli.Hub;

namespace Logitscope.Tests.Cli.Hub;

/// <summary>What is fetched, where it goes, and how a download goes on.</summary>
public sealed class HubDownloadTests : IDisposable
{
    private static readonly string[] s_model = ["config.json", "tokenizer.json", FakeHub.Weights];

    private readonly FakeHub _hub = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_load_needs_is_fetched_and_nothing_else()
    {
        var model = await _hub.DownloadAsync(_folder);
        _hub.AssertComplete(_folder, s_model);
        Assert.Equal(FakeHub.Commit, model.Commit);
        Assert.Equal(["flax_model.msgpack", "onnx/model.onnx"], model.LeftOut);
        Assert.Equal(
            [(0, 999), (1000, 1999), (2000, 2999), (3000, 3999), (4000, 4999), (5000, 5999), (6000, 6999), (7000, 7122)],
            _hub.Ranges.Order());
        Assert.Contains("/api/models/someone/model/revision/main?", _hub.Requests[0].Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_git_hash_is_the_one_that_git_gives()
    {
        // printf 'hello\n' | git hash-object --stdin
        var file = new HubFile("hello.txt", 6, "git:ce013625030ba8dba906f756967f9e9ca394464a");
        var path = _folder.Write("hello.txt", "hello\n");
        Assert.Equal(file.Hash, await file.HashOfAsync(path, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json")]
    [InlineData("model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")]
    [InlineData("pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5")]
    [InlineData("pytorch_model.bin.index.json", "flax_model.msgpack", "rust_model.ot")]
    public void Weights_come_in_one_format(string chosen, params string[] others) => Assert.Equal(
        ["config.json", "vocab.json", chosen],
        FileChoice.Of("id", new HashSet<string>([.. others, chosen, "vocab.json", "config.json", "README.md"])));

    [Fact]
    public async Task Shards_are_those_of_the_index()
    {
        _hub.Files.Remove(FakeHub.Weights);
        _hub.Files["model-00001-of-00002.safetensors"] = [1, 2];
        _hub.Files["model-00002-of-00002.safetensors"] = [3];
        _hub.Files["model-00003-of-00002.safetensors"] = [4];
        _hub.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes(
            """{"weight_map": {"a": "model-00002-of-00002.safetensors", "b": "model-00001-of-00002.safetensors", "c": "model-00002-of-00002.safetensors"}}""");
        await _hub.DownloadAsync(_folder);
        _hub.AssertComplete(
            _folder,
            "config.json",
            "tokenizer.json",
            "model.safetensors.index.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors");
    }

    [Fact]
    public async Task An_empty_file_needs_no_request()
    {
        _hub.Files["merges.txt"] = [];
        await _hub.DownloadAsync(_folder);
        _hub.AssertComplete(_folder, ["merges.txt", .. s_model]);
        Assert.DoesNotContain(_hub.Requests, request => FakeHub.IsFor(request, "merges.txt"));
    }

    [Fact]
    public async Task A_wrong_index_is_refused()
    {
        const string index = "model.safetensors.index.json";
        _hub.Files.Remove(FakeHub.Weights);
        _hub.Files["a.safetensors"] = [1];
        _hub.Files["b.safetensors"] = [1];
        _hub.Files[index] = IndexOf("a.safetensors");
        _hub.Mischief = request =>
            FakeHub.IsFor(request, index) ? new HostileAnswer(200, IndexOf("b.safetensors")) : null;
        Assert.Contains($"{index}: expected git:", await _hub.FailAsync(_folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../escape.safetensors")]
    [InlineData("/tmp/escape.safetensors")]
    [InlineData("model-00009-of-00009.safetensors")]
    [InlineData("config.json")]
    public async Task An_index_that_names_a_stranger_is_refused(string name)
    {
        _hub.Files.Remove(FakeHub.Weights);
        _hub.Files["model.safetensors.index.json"] = IndexOf(name);
        Assert.Contains($"got '{name}'", await _hub.FailAsync(_folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../escape.safetensors")]
    [InlineData("/tmp/escape.safetensors")]
    [InlineData("..")]
    [InlineData("a\\b.safetensors")]
    [InlineData("a\n.safetensors")]
    public void A_name_that_leaves_the_folder_is_no_file(string name) =>
        Assert.Throws<HubException>(() => new HubFile(name, 1, $"sha256:{new string('0', 64)}"));

    [Fact]
    public async Task A_listed_shard_whose_name_escapes_is_refused()
    {
        const string name = "../escape.safetensors";
        _hub.Files.Remove(FakeHub.Weights);
        _hub.Files[name] = [1];
        _hub.Files["model.safetensors.index.json"] = IndexOf(name);
        Assert.Contains("plain file name", await _hub.FailAsync(_folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_complete_folder_is_checked_without_a_request()
    {
        await _hub.DownloadAsync(_folder);
        var before = _hub.Requests.Count;
        _hub.Options = _hub.Options with { Offline = true };
        await _hub.DownloadAsync(_folder);
        Assert.Equal(before, _hub.Requests.Count);
    }

    [Fact]
    public async Task Offline_an_empty_folder_and_a_half_one_are_told()
    {
        var online = _hub.Options;
        _hub.Options = online with { Offline = true };
        Assert.Contains("holds no download of someone/model", await _hub.FailAsync(_folder), StringComparison.Ordinal);
        _hub.Options = online;
        await _hub.DownloadAsync(_folder);
        File.Delete(_folder.PathOf(FakeHub.Weights));
        _hub.Options = online with { Offline = true };
        Assert.Contains("not complete: pytorch_model.bin missing", await _hub.FailAsync(_folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_download_keeps_its_commit_when_the_branch_moves()
    {
        _hub.Mischief = request => FakeHub.IsFor(request, FakeHub.Weights) ? new HostileAnswer(404) : null;
        await _hub.FailAsync(_folder);
        var listings = _hub.Requests.Count(FakeHub.IsListing);
        _hub.Mischief = request => FakeHub.IsListing(request) ? new HostileAnswer(500) : null;
        await _hub.DownloadAsync(_folder);
        Assert.Equal(listings, _hub.Requests.Count(FakeHub.IsListing));
        _hub.AssertComplete(_folder, s_model);
    }

    [Fact]
    public async Task Finished_ranges_are_not_fetched_again()
    {
        _hub.Options = _hub.Options with { Connections = 1 };
        _hub.Mischief = request => FakeHub.IsFor(request, FakeHub.Weights) && request.Range!.Value.First >= 3000
            ? new HostileAnswer(403)
            : null;
        await _hub.FailAsync(_folder);
        Assert.False(File.Exists(_folder.PathOf(FakeHub.Weights)));
        var before = _hub.Ranges.Count();
        _hub.Mischief = _ => null;
        await _hub.DownloadAsync(_folder);
        Assert.Equal([3000, 4000, 5000, 6000, 7000], _hub.Ranges.Skip(before).Select(range => range.First).Order());
        _hub.AssertComplete(_folder, s_model);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a journal")]
    [InlineData("{\"commit\":null}")]
    public async Task A_broken_journal_is_worth_nothing(string journal)
    {
        _folder.Write($"{FakeHub.Weights}.part", new byte[(7 * FakeHub.ChunkBytes) + 123]);
        _folder.Write($"{FakeHub.Weights}.part.json", journal);
        await _hub.DownloadAsync(_folder);
        _hub.AssertComplete(_folder, s_model);
    }

    [Fact]
    public async Task A_file_of_the_user_is_never_overwritten()
    {
        _folder.Write("config.json", "mine");
        Assert.Contains("config.json: expected git:", await _hub.FailAsync(_folder), StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder.PathOf("config.json"), TestContext.Current.CancellationToken));
        Assert.Equal(["config.json"], Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Another_revision_needs_another_folder()
    {
        await _hub.DownloadAsync(_folder);
        var error = await Assert.ThrowsAsync<HubException>(() => _hub.DownloadAsync(_folder, "float16"));
        Assert.Contains("holds someone/model@main, not someone/model@float16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_downloads_into_one_folder_are_refused()
    {
        using var first = FolderLock.Take(_folder.Path);
        Assert.Contains("another download uses it", await _hub.FailAsync(_folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_to_stop_is_obeyed_at_once_and_the_next_call_goes_on()
    {
        using var stop = new CancellationTokenSource();
        _hub.Options = _hub.Options with { IdleTimeout = TimeSpan.FromMinutes(1) };
        _hub.Mischief = request =>
        {
            if (!FakeHub.IsFor(request, FakeHub.Weights) || request.Range!.Value.First < 4000)
            {
                return null;
            }

            stop.CancelAfter(50);
            return new HostileAnswer(200) { Silent = true };
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            HubDownload.RunAsync(FakeHub.Id, "main", _folder.Path, _hub.Options, null, stop.Token)
                .WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        _hub.Mischief = _ => null;
        await _hub.DownloadAsync(_folder);
        _hub.AssertComplete(_folder, s_model);
    }

    [Fact]
    public async Task Progress_ends_with_all_bytes()
    {
        var reports = new Reports();
        await HubDownload.RunAsync(
            FakeHub.Id, "main", _folder.Path, _hub.Options, reports, TestContext.Current.CancellationToken);
        var total = s_model.Sum(name => _hub.Files[name].Length);
        Assert.All(reports.All, report => Assert.Equal(total, report.Total));
        Assert.Equal(total, reports.All[^1].Done);
        Assert.Equal(reports.All.Select(report => report.Done).Order(), reports.All.Select(report => report.Done));
    }

    private static byte[] IndexOf(string shard) => Encoding.UTF8.GetBytes("{\"weight_map\": {\"a\": \"" + shard + "\"}}");

    private sealed class Reports : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> All { get; } = [];

        public void Report(DownloadProgress value) => All.Add(value);
    }
}
