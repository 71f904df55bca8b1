using System.Text.Json;
using System.Text.RegularExpressions;
using Logitscope.Tests.Cli;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Checkpoints;

/// <summary>Folders that once gave wrong numbers without a word, or were refused though sound; expected.json is a float64 oracle's.</summary>
public sealed partial class CaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Fingerprint_blind()
    {
        var folder = Repository.Shared("cases", "fingerprint-blind");
        using (LanguageModel parent = LanguageModel.Load(Path.Combine(folder, "A")), ablated = LanguageModel.Load(Path.Combine(folder, "B")))
        {
            Assert.NotEqual(parent.Fingerprint, ablated.Fingerprint);
        }

        Task<Outcome> Sweep(string model) => Outcome.Of(
            "sweep", "--model", Path.Combine(folder, model), "--data", Path.Combine(folder, "prompts.jsonl"), "--positions", "Last",
            "--methods", "logit-lens", "--out", _folder.PathOf("out"));
        (await Sweep("A")).Succeeded();
        (await Sweep("B")).FailedWith("holds the sweep of another model");
    }

    [Theory]
    [InlineData("unread-qkv-biases/model", "6 that nothing reads: 'model.layers.0.self_attn.")]
    [InlineData("bnb-int8/model", "quantization_config: expected none")]
    [InlineData("rope-fields-unread/partial", "partial_rotary_factor: expected 1")]
    public void Refused_by_name(string model, string words)
    {
        var folder = Repository.Shared(["cases", .. model.Split('/')]);
        Says(Assert.Throws<CheckpointException>(() => LanguageModel.Load(folder)), words);
    }

    [Fact]
    public async Task Quantised_weights_are_not_converted() =>
        (await Outcome.Of("convert", Repository.Shared("cases", "bnb-int8", "model"), _folder.PathOf("new")))
            .FailedWith("quantization_config: expected none");

    [Fact]
    public void Tied_flag_but_own_head() =>
        Agrees(Repository.Shared("cases", "tied-flag-but-own-head", "model"), Repository.Shared("cases", "tied-flag-but-own-head", "expected.json"));

    // The README says where the links lead, as a checkout may have lost them.
    [Fact]
    public void Symlinked_weights()
    {
        var folder = Repository.Shared("cases", "symlinked-weights");
        foreach (Match link in Link().Matches(File.ReadAllText(Path.Combine(folder, "README.txt"))))
        {
            var from = _folder.PathOf("models--acme--tiny", link.Groups["from"].Value);
            Directory.CreateDirectory(Path.GetDirectoryName(from)!);
            File.CreateSymbolicLink(from, link.Groups["to"].Value);
            var blob = Path.GetFileName(link.Groups["to"].Value);
            _folder.Write($"models--acme--tiny/blobs/{blob}", File.ReadAllBytes(Path.Combine(folder, "models--acme--tiny", "blobs", blob)));
        }

        Agrees(_folder.PathOf("models--acme--tiny", "snapshots", "0123abcd"), Path.Combine(folder, "expected.json"));
    }

    [Fact]
    public async Task Convert_openai_names()
    {
        (await Outcome.Of("convert", Repository.Shared("cases", "convert-openai-names", "model"), _folder.PathOf("new"))).Succeeded();
        Assert.True(Logitscope.ModelTokenizer.IsIn(_folder.PathOf("new")));
        Logitscope.ModelTokenizer.Load(_folder.PathOf("new"));
    }

    private static void Agrees(string folder, string expected)
    {
        using var scope = NewDisposeScope();
        using var model = LanguageModel.Load(folder, new() { Dtype = float64 });
        var json = JsonDocument.Parse(File.ReadAllText(expected)).RootElement;
        int[] ids = [.. json.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
        double[] logits = [.. json.GetProperty("logits_of_last_token_float64").EnumerateArray().Select(logit => logit.GetDouble())];
        Close(tensor(logits), model.Forward(model.Tensor(ids)).Logits.select(1, ids.Length - 1).squeeze(0), 1e-9, folder);
    }

    [GeneratedRegex(@"(?<from>snapshots/\S+) -> (?<to>[^\s;]+)")]
    private static partial Regex Link();
}
