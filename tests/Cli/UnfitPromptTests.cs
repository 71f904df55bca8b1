using System.Text.Json;

namespace Logitscope.Tests.Cli;

/// <summary>Prompts that do not fit the model: it has no BOS, or no row for a token.</summary>
public sealed class UnfitPromptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public UnfitPromptTests()
    {
        foreach (var name in (string[])["config.json", "model.safetensors", "vocab.json", "merges.txt"])
        {
            _folder.Write($"model/{name}", File.ReadAllBytes(Path.Combine(EmbeddedModel.Folder, name)));
        }

        _folder.Write("p.jsonl", "{\"text\": \"The capital of France is\"}\n\n{\"ids\": [5, 6, 7]}\n");
    }

    private string Model => _folder.PathOf("model");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tokenizer_without_a_BOS_reads_by_every_method()
    {
        _folder.Write("model/tokenizer_config.json", """{"bos_token": null}""");
        string[] lens = ["lens", "--model", Model, "--method", "logitscope", "--text", "The capital"];
        (await Outcome.Of(lens)).FailedWith("no BOS");
        (await Outcome.Of([.. lens, "--no-bos"])).Succeeded();
        (await Outcome.Of(Sweep("a"))).FailedWith("no BOS");
        (await Outcome.Of([.. Sweep("a"), "--no-bos"])).Succeeded();
    }

    [Fact]
    public async Task Without_a_BOS_the_target_prompt_has_none_either()
    {
        string[] lens = ["lens", "--model", Model, "--method", "logitscope", "--ids", "5,6,7", "--json"];
        var (with, without) = (await Outcome.Of(lens), await Outcome.Of([.. lens, "--no-bos"]));
        Assert.NotEqual(with.Succeeded().Output, without.Succeeded().Output);
        (await Outcome.Of(Sweep("a"))).Succeeded();
        (await Outcome.Of([.. Sweep("a"), "--no-bos"])).FailedWith(_folder.PathOf("a"));
    }

    [Theory]
    [InlineData("generate", "--text", "Hello [PAD]")]
    [InlineData("lens", "--text", "Hello [PAD]")]
    [InlineData("logits", "--text", "Hello [PAD]", "--out", "OUT")]
    [InlineData("patch", "--source", "Hello [PAD]", "--target", "?", "AT")]
    [InlineData("patch", "--source", "?", "--target", "Hello [PAD]", "AT")]
    [InlineData("sweep", "--data", "PROMPTS", "--out", "OUT")]
    public async Task A_token_that_the_model_has_no_row_for_is_told_before_anything_runs(params string[] words)
    {
        var rows = ModelTokenizer.Load(Model).VocabularySize;
        _folder.Write("model/added_tokens.json", JsonSerializer.Serialize(new Dictionary<string, int> { ["[PAD]"] = rows }));
        _folder.Write("pad.jsonl", "{\"text\": \"The\"}\n{\"text\": \"Hello [PAD]\"}\n");
        string[] at = ["--source-layer", "0", "--target-layer", "0", "--source-position", "0", "--target-position", "0"];
        var outcome = await Outcome.Of(
        [
            .. words.SelectMany(word => word switch
            {
                "OUT" => [_folder.PathOf("out")],
                "PROMPTS" => [_folder.PathOf("pad.jsonl")],
                "AT" => at,
                _ => new[] { word },
            }),
            "--model", Model,
        ]);
        outcome.FailedWith($"'Hello [PAD]': expected ids below {rows}, the model's rows, got {rows} ([PAD]) at position ");
        Assert.False(Path.Exists(_folder.PathOf("out")));
        if (words[0] == "sweep")
        {
            outcome.FailedWith("prompt pad.jsonl:2 ");
        }
    }

    private string[] Sweep(string name) =>
        ["sweep", "--model", Model, "--data", _folder.PathOf("p.jsonl"), "--positions", "last", "--out", _folder.PathOf(name)];
}
