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
    public void Every_cell_has_one_row_in_the_order_of_batch_prompt_method_layer(int batchSize)
    {
        using var model = OpenModel();
        var plan = Plan(model, Options with { BatchSize = batchSize });
        var rows = Run(model, plan.Options).Rows;
        var expected =
            from prompt in Enumerable.Range(0, 5).OrderByDescending(plan.LastPositionOf)
            from method in new[] { "logit-lens", "logitscope" }
            from layer in Enumerable.Range(0, 3)
            select (method, layer, prompt);
        Assert.Equal(expected, rows.Select(row => (row.Method, row.Layer, row.Prompt)));
        Assert.Equal(30, rows.Select(row => (row.Method, row.Layer, row.Prompt)).Distinct().Count());
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
        var (spent, ahead) = (SweepCost.Nothing with { Flop = 2e9, SourceTokens = 500 }, SweepCost.Nothing with { Flop = 4e9 });
        var progress = new SweepProgress(Done: 60, Cells: 100, Computed: 20, TimeSpan.FromSeconds(5), spent, ahead);
        Assert.Equal((4, 100, 4e8), (progress.Rate, progress.TokenRate, progress.FlopRate));
        Assert.Equal(TimeSpan.FromSeconds(10), progress.Left);
        Assert.Equal("60 %  60 of 100 cells, 4/s  100 tokens/s  0 GFLOP/s  00:00:10 left", $"{progress}");
        Assert.Null(new SweepProgress(0, 100, 0, TimeSpan.Zero, SweepCost.Nothing, ahead).Left);
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
