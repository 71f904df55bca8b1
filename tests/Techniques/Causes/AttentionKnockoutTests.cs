using Logitscope.Tests.Cli;
using Logitscope.Tests.Golden;
using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.Causes;

public class AttentionKnockoutTests
{
    private static readonly int[] s_ids = [1, 9, 17, 25, 33, 5];

    // EveryEditTests holds a blocked edge against a masked pass written anew.
    [Theory]
    [MemberData(nameof(TinyModel.OfEachForm), MemberType = typeof(TinyModel))]
    public void Every_layer_is_that_of_a_whole_run_with_the_edges_cut(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64, name);
        var prompt = model.FromIds(s_ids);
        var plain = model.Forward(prompt).Logits[0, -1].softmax(-1);
        foreach (var (query, keys, window) in new (Index, Index[], int)[] { (^1, [2, 3], 1), (^1, [0], 2), (3, [1, 3, 3], 3), (0, [], 1), (^1, [^1, 0], 9) })
        {
            var result = model.Knockout(prompt, query, keys, window, TestContext.Current.CancellationToken);
            Assert.Equal(plain.argmax().ToInt64(), result.Baseline.Id);
            Assert.Equal(plain[result.Baseline.Id].ToDouble(), result.Baseline.Probability, 1e-12);
            Assert.Equal(model.Layers, result.Layers.Count);
            foreach (var (layer, probability, change) in result.Layers)
            {
                var cut = Enumerable.Range(0, model.Layers).Where(l => Math.Abs(l - layer) <= window / 2);
                var whole = model.Forward(prompt, new() { Edits = [.. cut.Select(l => Edit.Block(l, keys, query))] });
                Assert.Equal(whole.Logits[0, -1].softmax(-1)[result.Baseline.Id].ToDouble(), probability, 1e-10);
                Assert.Equal((probability - result.Baseline.Probability) / result.Baseline.Probability, change, 1e-10);
            }
        }
    }

    [Fact]
    public void Without_edges_nothing_changes_and_a_token_must_see_something()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open();
        var prompt = model.FromIds(s_ids);
        Assert.All(model.Knockout(prompt, ^1, [], 3, TestContext.Current.CancellationToken).Layers, layer => Assert.Equal(0, layer.Change, 1e-6));
        Says("still attends to, got all of them cut", ^1, [0, 1, 2, 3, 4, 5], 1);
        Says("at least 1 layer, got 0", ^1, [0], 0);
        Says("No such position", 9, [0], 1);
        Says("No such position", 1, [^7], 1);

        void Says(string message, Index query, Index[] keys, int window) => Assert.Contains(
            message, Assert.ThrowsAny<LogitscopeException>(() => model.Knockout(prompt, query, keys, window)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_curves_are_means_over_prompts()
    {
        using var model = TinyModel.Open();
        KnockoutResult[] results = [.. new[] { s_ids, [1, 2, 3, 4] }.Select(ids => model.Knockout(model.FromIds(ids), ^1, [1], 1, TestContext.Current.CancellationToken))];
        var curves = ((CurveFigure)AttentionKnockout.Chart(("subject", results), ("one", results[..1]))).Curves;
        Assert.Equal(["subject", "one"], curves.Select(curve => curve.Name));
        Assert.Equal(results.Average(result => result.Layers[2].Change), curves[0].Points[2].Y.Mean, 1e-12);
        Assert.Equal((true, false), (curves[0].Points[2].Y.HasEnds, curves[1].Points[2].Y.HasEnds));
    }

    [Fact]
    public async Task The_command_answers_by_layer()
    {
        string[] run = ["knockout", "--model", GoldenModel.FolderOf("gptj/partial-rotary"), "--ids", string.Join(',', s_ids), "--json"];
        var json = (await Outcome.Of([.. run, "--query", "-1", "--keys", "2,-2", "--window", "2"])).Succeeded().Json;

        using var model = TinyModel.Open(float32);
        var result = model.Knockout(model.FromIds(s_ids), ^1, [2, ^2], 2, TestContext.Current.CancellationToken);
        Assert.Equal(result.Baseline.Id, json.GetProperty("baseline").GetProperty("id").GetInt32());
        Assert.Equal(result.Baseline.Probability, json.GetProperty("baseline").GetProperty("probability").GetDouble(), 1e-6);
        Assert.Equal(result.Baseline.Token, json.GetProperty("baseline").GetProperty("token").GetString());
        var layers = json.GetProperty("layers").EnumerateArray().ToArray();
        Assert.Equal([0, 1, 2], layers.Select(layer => layer.GetProperty("layer").GetInt32()));
        Assert.All(layers.Zip(result.Layers), pair =>
        {
            Assert.Equal(pair.Second.Probability, pair.First.GetProperty("probability").GetDouble(), 1e-6);
            Assert.Equal(pair.Second.Change, pair.First.GetProperty("change").GetDouble(), 1e-5);
        });

        (await Outcome.Of([.. run, "--keys", "1,x"])).FailedWith("--keys: expected positions such as 3,-1, got 'x'");
        (await Outcome.Of([.. run, "--keys", "17"])).FailedWith("No such position");
        (await Outcome.Of([.. run, "--keys", "1", "--window", "0"])).FailedWith("--window");
    }
}
