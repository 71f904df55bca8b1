using Logitscope.Datasets;
using Logitscope.Metrics;
using Logitscope.Models;
using Logitscope.Sweeps;
using Logitscope.Techniques.NextToken;
using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;
using static Logitscope.Tests.Sweeps.SmallSweep;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

public class SweepTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)] // the last batch is partial
    [InlineData(4)] // and here
    [InlineData(5)]
    [InlineData(100)]
    public void Every_cell_has_one_row_in_the_order_of_batch_method_layer_prompt(int batchSize)
    {
        using var model = OpenModel();
        var rows = Run(model, Options with { BatchSize = batchSize }).Rows;
        var expected =
            from batch in Enumerable.Range(0, 5).Chunk(batchSize)
            from method in new[] { "logit-lens", "logitscope" }
            from layer in Enumerable.Range(0, 3)
            from prompt in batch
            select (method, layer, prompt);
        Assert.Equal(expected, rows.Select(row => (row.Method, row.Layer, row.Prompt)));
        Assert.Equal(30, rows.Select(row => (row.Method, row.Layer, row.Prompt)).Distinct().Count());
    }

    [Fact]
    public void The_size_of_a_batch_changes_no_result()
    {
        using var model = OpenModel(float64);
        var expected = Sorted(1);
        foreach (var batchSize in new[] { 2, 3, 5, 64 })
        {
            foreach (var (a, b) in expected.Zip(Sorted(batchSize)))
            {
                Assert.Equal(
                    (a.Method, a.Layer, a.Prompt, a.Position, a.Target, a.Predicted, a.PrecisionAt1, a.Rank),
                    (b.Method, b.Layer, b.Prompt, b.Position, b.Target, b.Predicted, b.PrecisionAt1, b.Rank));
                double[] exact = [a.Surprisal, a.SurprisalPaper, a.Kl, a.Margin];
                Assert.Equal(
                    exact,
                    [b.Surprisal, b.SurprisalPaper, b.Kl, b.Margin],
                    (x, y) => Math.Abs(x - y) <= 1e-12 * Math.Max(1, x));
            }
        }

        SweepRow[] Sorted(int batchSize)
        {
            var rows = Run(model, Options with { BatchSize = batchSize }).Rows;
            return [.. rows.OrderBy(row => (row.Method, row.Layer, row.Prompt))];
        }
    }

    // Every cell again, one at a time, from nothing but forward passes.
    [Theory]
    [InlineData(PositionRule.Random)]
    [InlineData(PositionRule.Last)]
    [InlineData(PositionRule.Reference)]
    public void A_row_is_what_two_forward_passes_say(PositionRule rule)
    {
        using var scope = NewDisposeScope();
        using var model = OpenModel();
        var options = Options with { Positions = rule };
        var plan = Plan(model, options);
        foreach (var row in Run(model, options).Rows)
        {
            Assert.Equal(plan.PositionOf(row.Method == "logit-lens" ? 0 : 1, row.Layer, row.Prompt), row.Position);
            var hook = new Hook(row.Layer, Site.ResidPost);
            var source = model.Forward(plan.Prompts[row.Prompt].ToTensor(), new() { Keep = [hook] });
            var residual = source.Residuals[hook].select(1, row.Position); // [1, hidden]
            var patched = row.Method == "logit-lens"
                ? model.Unembed(residual)
                : model.Forward(model.Tensor(60, 39), new() { Edits = [new(hook, 1, residual)] }).Logits.select(1, 1);
            var score = Assert.Single(NextTokenScore.Compare(source.Logits.select(1, row.Position), patched));
            Assert.Equal((score.Target, score.Predicted, score.Rank), (row.Target, row.Predicted, row.Rank));
            Assert.Equal(score.Surprisal, row.Surprisal, 10);
            Assert.Equal(score.SurprisalPaper, row.SurprisalPaper, 10);
            Assert.Equal(score.Kl, row.Kl, 10);
            Assert.Equal(score.Margin, row.Margin, 10);
        }
    }

    [Fact]
    public void At_the_last_layer_every_method_says_what_the_model_says()
    {
        using var model = OpenModel();
        var last = Run(model, Options).Rows.Where(row => row.Layer == 2).ToArray();
        Assert.Equal(10, last.Length);
        Assert.All(last, row => Assert.Equal((1, 0), (row.PrecisionAt1, row.Rank)));
        Assert.All(last, row => Assert.Equal(0, row.Kl, 9));
        Assert.All(last, row => Assert.Equal(row.SurprisalPaper, row.Surprisal, 9));
        Assert.Contains(Run(model, Options).Rows, row => row.PrecisionAt1 == 0);
    }

    [Fact]
    public void Progress_counts_the_cells_batch_by_batch()
    {
        using var model = OpenModel();
        var told = new List<SweepProgress>();
        Sweep.Run(model, Examples, Options, new Listener(told.Add), TestContext.Current.CancellationToken);
        Assert.Equal([12, 24, 30], told.Select(progress => progress.Done));
        Assert.Equal([12, 24, 30], told.Select(progress => progress.Computed));
        Assert.All(told, progress => Assert.Equal(30, progress.Cells));
        Assert.Equal(TimeSpan.Zero, told[^1].Left);
    }

    [Fact]
    public void Rate_and_time_left_by_hand()
    {
        var progress = new SweepProgress(Done: 60, Cells: 100, Computed: 20, TimeSpan.FromSeconds(5));
        Assert.Equal(4, progress.Rate);
        Assert.Equal(TimeSpan.FromSeconds(10), progress.Left);
        Assert.Null(new SweepProgress(0, 100, 0, TimeSpan.Zero).Left);
    }

    [Fact]
    public void What_cannot_be_swept_is_refused()
    {
        using var model = OpenModel();
        Says(Assert.Throws<SweepException>(() => new SweepPlan(model, [], Options)), "at least one prompt");
        Says(Refused(Options with { Techniques = [] }), "got 0 methods");
        Says(Refused(Options with { BatchSize = 0 }), "batch of at least 1");
        Says(Refused(Options with { Techniques = [new LogitLens(), new LogitLens()] }), "'logit-lens' 2 times");
        Assert.ThrowsAny<LogitscopeException>(() => new SweepPlan(model, [new Example("a", null, [99])], Options));
        Assert.ThrowsAny<LogitscopeException>(() => new SweepPlan(model, [new Example("a", null, [])], Options));
        Assert.ThrowsAny<LogitscopeException>(() => new SweepPlan(model, [new Example("a", "text", null)], Options));

        SweepException Refused(SweepOptions options) => Assert.Throws<SweepException>(() => Plan(model, options));
    }

    [Fact]
    public void Prompts_are_cut_to_the_context()
    {
        using var model = OpenModel();
        var example = new Example("long", null, model.RandomIds(100, seed: 1));
        var plan = new SweepPlan(model, [example], Options with { Positions = PositionRule.Last });
        Assert.Equal(32, plan.Prompts[0].Count);
        Assert.Equal(31, plan.PositionOf(0, 0, 0));
    }
}
