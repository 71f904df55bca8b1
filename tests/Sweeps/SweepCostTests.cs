using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;

namespace Logitscope.Tests.Sweeps;

public class SweepCostTests
{
    // 3 layers, hidden 48, 61 ids. Two prompts of 5 and 3 tokens, read at their ends: the source runs 2 x 5 tokens.
    // "?" climbs 2 + 1 + 0 blocks a prompt with one token, the other target with two.
    [Fact]
    public void The_cost_by_hand()
    {
        using var model = Open();
        var plan = new SweepPlan(model, [new("a", null, [1, 2, 3]), new("b", null, [1, 2, 3, 4, 5])], new()
        {
            Techniques = [NextTokenTechnique.LogitLens, new LogitscopeTechnique { Target = new("") { Ids = [60, 39] } }, new Second()],
            Positions = PositionRule.Last,
        });
        var cost = SweepCost.Of(plan);
        var config = Assert.IsType<GptJConfig>(model.Config);
        var (hidden, inner) = (config.NEmbd, config.NInner);
        Assert.Equal(10, cost.SourceTokens);
        Assert.Equal(30 + (2 * 3 * 1) + (2 * 3 * 2), cost.TokenLayers);
        Assert.Equal(2 + (2 * 9), cost.Unembeddings);
        var block = (4.0 * hidden * hidden) + (2.0 * hidden * inner);
        Assert.Equal(
            (2 * 48 * block) + (2.0 * 20 * hidden * config.VocabSize) + (4.0 * hidden * 10 * 5 * 3), cost.Flop);
        Assert.InRange(cost.PeakBytes, 1e4, 1e7);
        Assert.Equal(cost.Flop, SweepCost.OfBlock(plan, 0).Flop);
        Assert.Equal(SweepCost.Nothing, SweepCost.Of(plan, firstBlock: 1));
    }

    [Fact]
    public void An_estimate_says_what_is_left()
    {
        using var model = Open();
        var plan = SmallSweep.Plan(model);
        var all = SweepEstimate.Of(plan);
        Assert.Equal((30, 18), (all.Cells, SweepEstimate.Of(plan, doneRows: 12).Cells));
        Assert.True(SweepEstimate.Of(plan, doneRows: 12).Cost.Flop < all.Cost.Flop);
        Assert.Equal(89_965 * 4, all.WeightBytes);
        Assert.InRange(all.Time, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1));
        Assert.Matches(@"^30 cells: about \d\d:\d\d:\d\d, 0\.0 TFLOP, 0 MB of weights and up to \d MB more$", $"{all}");
    }

    [Fact]
    public void A_sweep_that_no_memory_holds_is_refused_before_it_starts()
    {
        using var model = Open();
        var plan = SmallSweep.Plan(model);
        var needed = (long)(SweepEstimate.Of(plan).WeightBytes + SweepCost.Of(plan).PeakBytes);
        SweepEstimate.CheckMemory(plan);
        SweepEstimate.CheckMemory(plan, needed + 1);
        Says(
            Assert.Throws<SweepException>(() => SweepEstimate.CheckMemory(plan, needed - 1)),
            "batches of 2 prompts: expected to fit", "take a smaller batch");
    }

    private sealed record Second : NextTokenTechnique
    {
        public override string Name => "second-of-three";

        public override Reading ReadingOf(LanguageModel model, int layer) =>
            new Reading.InPrompt(model.FromIds([1, 2, 3]), layer) { Position = 1 };
    }
}
