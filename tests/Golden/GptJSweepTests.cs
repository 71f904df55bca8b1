using Logitscope.Tests.Metrics;
using static TorchSharp.torch;

namespace Logitscope.Tests.Golden;

/// <summary>The sweep of the independent implementation in gptj.py, every cell and every metric, in float64.</summary>
public class GptJSweepTests
{
    private readonly GoldenModel _golden = GoldenModel.Open("gptj/partial-rotary", "float64");
    private readonly GoldenSweep _sweep;

    public GptJSweepTests() => _sweep = _golden.Read<GoldenSweep>("sweep.json");

    private LanguageModel Model => _golden.Model;

    // The oracle reads in the middle of some prompts. What comes after a position cannot reach it, so a prompt cut
    // there and read at its end is the same experiment.
    [Fact]
    public void A_sweep_gives_every_cell()
    {
        var examples = _sweep.Prompts.Select(
            (prompt, i) => new Example($"{i}", null, prompt.Ids[..(prompt.Position + 1)]));
        var options = new SweepOptions
        {
            Techniques =
            [
                NextTokenTechnique.LogitLens,
                new TokenIdentity { Target = new("") { Ids = _sweep.TokenIdentityIds } },
                new LogitscopeTechnique { Target = new("") { Ids = _sweep.LogitscopeIds } },
            ],
            Positions = PositionRule.Last,
            BatchSize = 2,
        };
        var rows = Sweep.Run(Model, examples, options, cancellation: TestContext.Current.CancellationToken).Rows;

        Assert.Equal(45, rows.Count);
        var found = rows.ToDictionary(row => (row.Method, row.Layer, row.Prompt));
        foreach (var cell in _sweep.Cells)
        {
            var row = found[(cell.Method, cell.Layer, cell.PromptNumber)];
            Assert.Equal(cell.PrecisionAt1, row.PrecisionAt1);
            cell.Agrees(new NextTokenScore(
                row.Target, row.Predicted, row.Surprisal, row.SurprisalPaper, row.Kl, row.Rank, row.Margin));
        }
    }

    // Here the source prompt is whole and the position is the oracle's.
    [Fact]
    public void A_patchscope_a_cell_gives_every_cell()
    {
        using var scope = NewDisposeScope();
        foreach (var cell in _sweep.Cells)
        {
            var (ids, position) = _sweep.Prompts[cell.PromptNumber];
            var (targetIds, targetLayer) = cell.Method switch
            {
                "logit-lens" => (ids[..(position + 1)], Model.Layers - 1),
                "token-identity" => (_sweep.TokenIdentityIds, cell.Layer),
                _ => (_sweep.LogitscopeIds, cell.Layer),
            };
            var prompt = Model.FromIds(ids);
            var patched = new Patchscope(
                new(Model, prompt, cell.Layer, position), new(Model, Model.FromIds(targetIds), targetLayer, ^1)).Run();
            var own = Model.Forward(prompt.ToTensor()).Logits.select(1, position); // [1, vocab]
            var next = tensor([.. patched.Next.LogProbabilities]).unsqueeze(0); // [1, vocab]
            cell.Agrees(Assert.Single(NaiveScore.Compare(own, next)));
        }
    }
}
