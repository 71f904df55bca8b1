using Logitscope.Cli;
using Logitscope.Tests.Golden;
using Logitscope.Tests.Models;
using TorchSharp;

namespace Logitscope.Tests.Cli;

/// <summary>Each verb as a user types it. The JSON names are a contract with other programs.</summary>
public sealed class VerbTests : IDisposable
{
    private static readonly string s_numbers = GoldenModel.FolderOf("gptj/partial-rotary");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--help")]
    [InlineData("inspect", "--help")]
    [InlineData("convert", "--help")]
    [InlineData("tokenize", "--help")]
    [InlineData("logits", "--help")]
    [InlineData("generate", "--help")]
    [InlineData("patch", "--help")]
    [InlineData("lens", "--help")]
    [InlineData("sweep", "--help")]
    [InlineData("trace", "--help")]
    [InlineData("knockout", "--help")]
    [InlineData("stages", "--help")]
    [InlineData("lre", "--help")]
    [InlineData("probe", "--help")]
    [InlineData("extract", "--help")]
    [InlineData("describe", "--help")]
    [InlineData("multihop", "--help")]
    [InlineData("across", "--help")]
    [InlineData("merge", "--help")]
    [InlineData("compare", "--help")]
    [InlineData("page", "--help")]
    [InlineData("train", "--help")]
    [InlineData("data", "atlas", "--help")]
    [InlineData("eval", "atlas", "--help")]
    public async Task Every_verb_has_help(params string[] arguments) =>
        Assert.Contains("Usage:", (await Outcome.Of(arguments)).Succeeded().Output, StringComparison.Ordinal);

    [Fact]
    public async Task Every_verbs_help_ends_in_an_example_that_is_a_command()
    {
        foreach (var verb in CommandLine.Root().Subcommands.SelectMany(verb => verb.Subcommands.Select(sub => $"{verb.Name} {sub.Name}").Prepend(verb.Name)))
        {
            var help = (await Outcome.Of([.. verb.Split(' '), "--help"])).Succeeded().Output.TrimEnd().Split('\n');
            Assert.Equal("Example:", help[^2]);
            var example = help[^1].Trim()["logitscope ".Length..];
            Assert.StartsWith(verb, example, StringComparison.Ordinal);
            var parsed = CommandLine.Root().Parse(Documents.Document.Words(example));
            Assert.Empty(parsed.Errors.Select(error => $"{verb}: {error.Message}").Concat(parsed.UnmatchedTokens));
        }
    }

    [Theory]
    [InlineData("[suggest:x]", "logitscope s")]
    [InlineData("[suggest:-1]", "logitscope s")]
    public async Task A_completion_without_a_place_is_told(string directive, string typed) =>
        (await Outcome.Of(directive, typed)).FailedWith("unknown word 'logitscope s'");

    [Fact]
    public async Task A_completion_beyond_the_end_is_that_at_the_end() =>
        Assert.Contains("sweep", (await Outcome.Of("[suggest:999]", "logitscope s")).Succeeded().Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("logitscope swee", "sweep")]
    [InlineData("logitscope sweep --po", "--positions")]
    [InlineData("./logitscope sweep --positions la", "last")]
    [InlineData("logitscope lens --method tok", "token-identity-words")]
    [InlineData("logitscope lre --relation country.ca", "country.capital")]
    [InlineData("logitscope data at", "atlas")]
    public async Task A_shell_completes_what_is_typed(string typed, string expected)
    {
        var said = (await Outcome.Of($"[suggest:{typed.Length}]", typed)).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Contains(expected, said);
        Assert.All(said, word => Assert.Contains(typed.Split(' ')[^1], word, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Inspect_says_what_a_model_is()
    {
        var facts = (await Outcome.Of("inspect", "--model", s_numbers, "--json")).Succeeded().Json;
        Assert.Equal("gptj", facts.GetProperty("architecture").GetString());
        Assert.Equal(3, facts.GetProperty("layers").GetInt32());
        Assert.Equal(48, facts.GetProperty("hidden_size").GetInt32());
        Assert.Equal(61, facts.GetProperty("vocab_size").GetInt32());
        Assert.Equal(89_965, facts.GetProperty("parameters").GetInt64());
        Assert.Contains("89,965", (await Outcome.Of("inspect", "--model", s_numbers)).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokenize_puts_a_bos_in_front_unless_told_not_to()
    {
        var with = (await Outcome.Of("tokenize", "--text", "What is it?", "--json")).Succeeded().Json;
        var without = (await Outcome.Of("tokenize", "--text", "What is it?", "--no-bos", "--json")).Succeeded().Json;
        Assert.Equal("<|endoftext|>", with.GetProperty("tokens")[0].GetString());
        Assert.Equal(
            with.GetProperty("ids").EnumerateArray().Skip(1).Select(id => id.GetInt32()),
            without.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
    }

    [Theory]
    [InlineData("small-llama")]
    [InlineData("small-phrases")]
    public async Task Tokenize_shows_tokens_and_bytes_of_a_folder_that_holds_a_tokenizer_alone(string name)
    {
        var folder = Repository.File("tests", "Tokenizers", "Independent", name);
        var answer = (await Outcome.Of("tokenize", "--model", folder, "--text", "é\n", "--json")).Succeeded().Json;
        Assert.Equal(["<s>", "␣", "é", "⏎"], Strings("tokens"));
        Assert.Equal(["3C733E", "20", "C3A9", "0A"], Strings("bytes"));
        Assert.Contains("C3A9", (await Outcome.Of("tokenize", "--model", folder, "--text", "é")).Succeeded().Output, StringComparison.Ordinal);

        IEnumerable<string?> Strings(string key) =>
            answer.GetProperty(key).EnumerateArray().Select(token => token.GetString());
    }

    [Fact]
    public async Task Logits_writes_what_the_oracle_expects()
    {
        using var scope = torch.NewDisposeScope();
        var golden = GoldenModel.Open("gptj/partial-rotary", "float64");
        var ids = string.Join(',', golden.Expected.Read("ids").data<long>().ToArray());
        var file = _folder.PathOf("logits.safetensors");
        (await Outcome.Of("logits", "--model", s_numbers, "--ids", ids, "--dtype", "float64", "--out", file)).Succeeded();
        var written = SafetensorsFile.Open(file);
        golden.Agrees(written.Read("logits"), golden.Expected.Read("float64.logits"), "logits");
        foreach (var name in new[] { "resid_pre.0", "resid_pre.2", "resid_post.0", "resid_post.2" })
        {
            golden.Agrees(written.Read(name), golden.Expected.Read($"float64.{name}"), name);
        }

        Assert.Equal(1 + (2 * golden.Model.Layers), written.Entries.Count);
    }

    [Theory]
    [MemberData(nameof(TinyModel.OfEachForm), MemberType = typeof(TinyModel))]
    public async Task Logits_keeps_what_is_asked_for_within_the_blocks(string name)
    {
        using var scope = torch.NewDisposeScope();
        var golden = GoldenModel.Open(name, "float64");
        var ids = string.Join(',', golden.Expected.Read("ids").data<long>().ToArray());
        var file = _folder.PathOf("logits.safetensors");
        string[] sites = ["attn_out", "mlp_out", .. golden.Model.HasResidMid ? ["resid_mid"] : Array.Empty<string>(), "heads", "pattern"];
        string[] command = ["logits", "--model", GoldenModel.FolderOf(name), "--ids", ids, "--dtype", "float64", "--out", file, "--keep"];
        (await Outcome.Of([.. command, string.Join(',', sites)])).Succeeded();
        var written = SafetensorsFile.Open(file);
        foreach (var site in sites)
        {
            for (var layer = 0; layer < golden.Model.Layers; layer++)
            {
                golden.Agrees(written.Read($"{site}.{layer}"), golden.Sites.Read($"{site}.{layer}"), $"{site}.{layer}");
            }
        }

        Assert.Equal(1 + ((2 + sites.Length) * golden.Model.Layers), written.Entries.Count);
        (await Outcome.Of([.. command, "attn_out,nowhere"])).FailedWith("--keep", "expected resid_pre, attn_out", "got 'nowhere'");
        if (!golden.Model.HasResidMid)
        {
            (await Outcome.Of([.. command, "resid_mid"])).FailedWith("resid_mid", golden.Model.Architecture, "side by side");
        }
    }

    [Theory]
    [InlineData("resid_pre", "attn_out")]
    [InlineData("mlp_out", "resid_post")]
    [InlineData("resid_post", "resid_pre")]
    [InlineData("heads", "heads")]
    [InlineData(null, null)]
    public async Task Patch_reads_and_writes_any_site_of_one_vector(string? from, string? to)
    {
        using var scope = torch.NewDisposeScope();
        using var model = LanguageModel.Load(s_numbers);
        string[] heads = from == "heads" ? ["--source-head", "2", "--target-head", "1"] : [];
        string[] sites = from is null or "heads" ? [] : ["--source-site", from, "--target-site", to!]; // a head says its site
        var answer = (await Outcome.Of([.. s_patch, .. sites, .. heads, "--json"])).Succeeded().Json;
        var (read, written) = (new Hook(1, Sites.ByName[from ?? "resid_post"]), new Hook(0, Sites.ByName[to ?? "resid_post"]));
        var value = model.Forward(model.FromIds([1, 2, 3, 4]), new() { Keep = [read] })[read];
        value = (from == "heads" ? value.select(1, 2) : value)[0, 2];
        var edit = Edit.Replace(written, value, ^1) with { Heads = from == "heads" ? [1] : null };
        var logits = model.Forward(model.FromIds([5, 6, 7]), new() { Edits = [edit] }).Logits[0, -1];
        var (probability, id) = torch.nn.functional.softmax(logits.to(torch.float64), 0).max(0);
        var first = answer.GetProperty("top")[0];
        Assert.Equal(id.item<long>(), first.GetProperty("id").GetInt64());
        Assert.Equal(probability.item<double>(), first.GetProperty("probability").GetDouble(), tolerance: 1e-5);
    }

    [Theory]
    [InlineData("--source-site: expected resid_pre, attn_out, resid_mid, mlp_out, resid_post, heads, got 'pattern'", "--source-site", "pattern")]
    [InlineData("--target-site: expected resid_pre,", "--target-site", "nowhere")]
    [InlineData("heads.1: expected a head in 0..2, got none", "--source-site", "heads")]
    [InlineData("heads.0: expected a head in 0..2, got 3", "--source-head", "0", "--target-head", "3")]
    [InlineData("resid_pre.1: expected no head", "--source-site", "resid_pre", "--source-head", "0")]
    [InlineData("expected floating-point numbers [48] for the target, got Float32[16]", "--source-head", "0")]
    [InlineData("resid_mid.0: expected a model whose MLP reads", "--target-site", "resid_mid")]
    public async Task Patch_refuses_a_site_or_head_that_is_not_there(string line, params string[] arguments) =>
        (await Outcome.Of([.. s_patch, .. arguments])).FailedWith(line);

    private static readonly string[] s_patch =
    [
        "patch", "--model", s_numbers, "--source-ids", "1,2,3,4", "--source-layer", "1", "--source-position", "2",
        "--target-ids", "5,6,7", "--target-layer", "0", "--target-position", "-1",
    ];

    [Fact]
    public async Task Generate_continues_and_repeats_itself()
    {
        string[] command = ["generate", "--text", "The capital of France is", "--max-new-tokens", "3", "--json"];
        var first = (await Outcome.Of(command)).Succeeded();
        Assert.Equal(first.Output, (await Outcome.Of(command)).Output);
        Assert.InRange(first.Json.GetProperty("ids").GetArrayLength(), 1, 3);
        Assert.NotEmpty(first.Json.GetProperty("text").GetString()!);
    }

    [Fact]
    public async Task Patch_answers_with_candidates_generation_and_change()
    {
        var answer = (await Outcome.Of(
            "patch", "--model", s_numbers, "--source-ids", "1,2,3,4", "--source-layer", "1", "--source-position", "-1",
            "--target-ids", "5,6,7", "--target-layer", "1", "--target-position", "-1", "--max-new-tokens", "4", "--top", "3",
            "--json")).Succeeded().Json;
        var top = answer.GetProperty("top").EnumerateArray().ToArray();
        Assert.Equal(3, top.Length);
        Assert.True(top[0].GetProperty("probability").GetDouble() >= top[1].GetProperty("probability").GetDouble());
        Assert.Equal($"#{top[0].GetProperty("id").GetInt32()}", top[0].GetProperty("token").GetString());
        Assert.Equal(4, answer.GetProperty("generated").GetProperty("ids").GetArrayLength());
        Assert.Equal(top[0].GetProperty("id").GetInt32(), answer.GetProperty("generated").GetProperty("ids")[0].GetInt32());
        Assert.True(answer.GetProperty("change").GetProperty("total_variation").GetDouble() > 0);
    }

    [Fact]
    public async Task A_patch_that_changes_nothing_says_so()
    {
        var outcome = (await Outcome.Of(
            "patch", "--model", s_numbers, "--source-ids", "1,2,3", "--source-layer", "1", "--source-position", "1",
            "--target-ids", "1,2,3", "--target-layer", "1", "--target-position", "1", "--json")).Succeeded();
        Assert.Contains("changed nothing", outcome.Error, StringComparison.Ordinal);
        Assert.True(outcome.Json.GetProperty("change").GetProperty("is_none").GetBoolean());
    }

    [Fact]
    public async Task Lens_shows_a_table_and_writes_page_and_picture()
    {
        var (page, picture) = (_folder.PathOf("lens.html"), _folder.PathOf("lens.svg"));
        var outcome = (await Outcome.Of(
            "lens", "--text", "The capital of France is", "--html", page, "--svg", picture)).Succeeded();
        Assert.Contains("layer", outcome.Output, StringComparison.Ordinal);
        Assert.StartsWith("<svg", await File.ReadAllTextAsync(picture, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("plotly", await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Sweep_writes_rows_summary_page_and_pictures()
    {
        var outcome = (await Outcome.Of(
            "sweep", "--model", s_numbers, "--data", Rows("{\"ids\":[1,2,3,4]}", "{\"ids\":[5,6]}"), "--methods",
            "logit-lens,token-identity,logitscope", "--positions", "last", "--seed", "42", "--out", Out, "--batch", "1",
            "--target-ids", "token-identity=1,2,3", "--target-ids", "logitscope=60,7")).Succeeded();
        Assert.Contains("sweep.html", outcome.Output, StringComparison.Ordinal);
        foreach (var name in new[] { "rows.jsonl", "summary.json", "sweep.html", "precision_at_1.svg", "surprisal.svg" })
        {
            Assert.True(new FileInfo(Path.Combine(Out, name)).Length > 0, name);
        }

        var rows = await File.ReadAllLinesAsync(Path.Combine(Out, "rows.jsonl"), TestContext.Current.CancellationToken);
        Assert.Equal(2 * 3 * 3, rows.Length);
        var row = System.Text.Json.JsonDocument.Parse(rows[0]).RootElement;
        Assert.Equal(
            [
                "method", "layer", "prompt", "position", "target", "predicted", "precision_at_1", "surprisal",
                "surprisal_paper", "kl", "rank", "margin",
            ],
            row.EnumerateObject().Select(property => property.Name));
        var summary = System.Text.Json.JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(Out, "summary.json"), TestContext.Current.CancellationToken)).RootElement;
        var lens = summary.GetProperty("methods").GetProperty("logit-lens");
        Assert.Equal(3, lens.GetProperty("precision_at_1").GetArrayLength());
        Assert.Equal(1.0, lens.GetProperty("precision_at_1")[2].GetDouble());
        Assert.Equal(3, lens.GetProperty("surprisal").GetArrayLength());
    }

    // Three positions of a prompt of four tokens and two of one of two: five a method and layer.
    [Fact]
    public async Task A_sweep_reads_several_positions_of_a_prompt_and_says_where_prompts_are_few()
    {
        var outcome = (await Outcome.Of(
            "sweep", "--model", s_numbers, "--data", Rows("{\"ids\":[1,2,3,4]}", "{\"ids\":[5,6]}"), "--methods", "logit-lens",
            "--per-prompt", "3", "--out", Out)).Succeeded();
        Assert.Equal(5 * 3, File.ReadLines(Path.Combine(Out, "rows.jsonl")).Count());
        Assert.Contains("surprisal: 2 prompts are few", outcome.Error, StringComparison.Ordinal);
        var summary = System.Text.Json.JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(Out, "summary.json"), TestContext.Current.CancellationToken)).RootElement;
        var lens = summary.GetProperty("methods").GetProperty("logit-lens");
        Assert.Equal((2, 5), (lens.GetProperty("prompts").GetInt32(), lens.GetProperty("positions").GetInt32()));
        Assert.Equal(3, summary.GetProperty("provenance").GetProperty("per_prompt").GetInt32());
        (await Outcome.Of(
            "sweep", "--model", s_numbers, "--data", Rows("{\"ids\":[1]}"), "--methods", "logit-lens", "--positions", "last",
            "--per-prompt", "3", "--out", Out)).FailedWith("got 3 with the rule Last");
    }

    [Fact]
    public async Task A_finished_sweep_runs_again_without_a_change_and_another_is_refused()
    {
        string[] sweep = ["sweep", "--model", s_numbers, "--data", Rows("{\"ids\":[1,2,3]}"), "--methods", "logit-lens", "--out", Out];
        (await Outcome.Of(sweep)).Succeeded();
        var rows = await File.ReadAllBytesAsync(Path.Combine(Out, "rows.jsonl"), TestContext.Current.CancellationToken);
        (await Outcome.Of(sweep)).Succeeded();
        (await Outcome.Of([.. sweep, "--seed", "7", "--dtype", "float64"])).FailedWith("holds the sweep of another");
        Assert.Equal(rows, await File.ReadAllBytesAsync(Path.Combine(Out, "rows.jsonl"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Data_atlas_writes_prompts_that_a_sweep_reads()
    {
        var file = _folder.PathOf("prompts.jsonl");
        (await Outcome.Of("data", "atlas", "--out", file, "--documents", "3", "--seed", "5")).Succeeded();
        Assert.Equal(3, Logitscope.ExampleFile.Read(file).Count());
    }

    private string Out => _folder.PathOf("out");

    private string Rows(params string[] lines) => _folder.Write("data.jsonl", string.Join('\n', lines));
}
