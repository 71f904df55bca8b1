using Logitscope.Datasets;
using Logitscope.Models;
using Logitscope.Patching;
using Logitscope.Sweeps;
using Logitscope.Techniques.NextToken;
using Logitscope.Tests.Golden;
using Logitscope.Tests.Models;
using Logitscope.Tests.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

/// <summary>
/// A model on another device than the CPU: everything that it computes with is there, and the results are the CPU's.
/// </summary>
public class SecondDeviceTests
{
    [Theory]
    [MemberData(nameof(TinyModel.OfEachFamily), MemberType = typeof(TinyModel))]
    public void A_sweep_of_every_reading(string name)
    {
        using var here = TinyModel.Open(float64, name);
        using var there = Open(name);
        Same(SmallSweep.RowsOf(EveryReading.PlanOf(here, PositionRule.Reference, 3)), SmallSweep.RowsOf(EveryReading.PlanOf(there, PositionRule.Reference, 3)));
    }

    [Fact]
    public void A_target_model_on_the_other_device()
    {
        using var here = TinyModel.Open(float64);
        using var there = Open();
        var expected = SmallSweep.RowsOf(Plan(here, here));
        Same(expected, SmallSweep.RowsOf(Plan(here, there)));
        Same(expected, SmallSweep.RowsOf(Plan(there, here)));
    }

    [Fact]
    public void An_estimate_before_the_start()
    {
        using var there = Open();
        Assert.True(SweepEstimate.Of(SmallSweep.Plan(there)).Time > TimeSpan.Zero);
    }

    [Fact]
    public void The_fingerprint_is_the_same_and_the_plan_another()
    {
        using var here = TinyModel.Open(float64);
        using var there = Open();
        Assert.Equal(here.Fingerprint, there.Fingerprint);
        Assert.NotEqual(SmallSweep.Plan(here).Hash(), SmallSweep.Plan(there).Hash());
    }

    [Fact]
    public void A_lens_by_each_method()
    {
        using var here = TinyModel.Open(float64);
        using var there = Open();
        NextTokenTechnique[] techniques =
            [NextTokenTechnique.LogitLens, NextTokenTechnique.LogitLensPatchscope, new LogitscopeTechnique { Target = new("") { Ids = [60, 39] } }];
        foreach (var technique in techniques)
        {
            var (expected, got) = (Read(here), Read(there));
            Assert.Equal(expected.Select(cell => cell.Top[0].Id), got.Select(cell => cell.Top[0].Id));
            Assert.Equal(expected.Select(cell => cell.Entropy), got.Select(cell => cell.Entropy), (a, b) => Math.Abs(a - b) < 1e-9);

            IReadOnlyList<LensCell> Read(LanguageModel model) => model.Read(
                model.FromIds([60, 1, 2, 3]), technique, TestContext.Current.CancellationToken).Cells;
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_patchscope_and_its_grid_between_devices(bool sourceThere, bool targetThere)
    {
        using var here = TinyModel.Open(float64);
        using var there = Open();
        var expected = Between(here, here);
        var patchscope = Between(sourceThere ? there : here, targetThere ? there : here);
        Assert.Equal(expected.Run().GeneratedIds, patchscope.Run().GeneratedIds);
        Assert.Equal(expected.Run().Change.Kl, patchscope.Run().Change.Kl, 1e-9);
        var (cells, others) = (Grid(expected), Grid(patchscope));
        Assert.Equal(cells.Select(cell => cell.Entropy), others.Select(cell => cell.Entropy), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(cells.SelectMany(cell => cell.GeneratedIds), others.SelectMany(cell => cell.GeneratedIds));

        static IReadOnlyList<LayerPair> Grid(Patchscope patchscope) =>
            PatchGrid.Run(patchscope, TestContext.Current.CancellationToken).Cells;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.7)]
    public void A_continuation_greedy_and_sampled(double temperature)
    {
        using var here = TinyModel.Open(float64);
        using var there = Open();
        var options = new GenerationOptions { MaxNewTokens = 8, Temperature = temperature, Seed = 5 };
        Assert.Equal(here.Generate([60, 1, 2], options), there.Generate([60, 1, 2], options));
    }

    private static LanguageModel Open(string name = "gptj/partial-rotary") =>
        LanguageModel.Load(GoldenModel.FolderOf(name), new() { Dtype = float64, Device = SecondDevice.Get() });

    private static Patchscope Between(LanguageModel source, LanguageModel target) => new(
        new(source, source.FromIds([5, 6, 7, 8]), 1, 2), new(target, target.FromIds([9, 10, 11]), 1, ^2) { MaxNewTokens = 4 });

    private static SweepPlan Plan(LanguageModel source, LanguageModel target) => new(
        source, SmallSweep.Examples, new() { Techniques = [new Into(target), NextTokenTechnique.LogitLens], BatchSize = 2 });

    private static void Same(IReadOnlyList<SweepRow> expected, IReadOnlyList<SweepRow> got)
    {
        Assert.Equal(expected.Count, got.Count);
        foreach (var (one, other) in expected.Zip(got))
        {
            Assert.Equal(
                (one.Method, one.Layer, one.Prompt, one.Position, one.Predicted, one.Rank),
                (other.Method, other.Layer, other.Prompt, other.Position, other.Predicted, other.Rank));
            Assert.Equal(one.Surprisal, other.Surprisal, 1e-9);
            Assert.Equal(one.Kl, other.Kl, 1e-9);
        }
    }

    private sealed record Into(LanguageModel Other) : NextTokenTechnique
    {
        public override string Name => "another-model";

        public override Reading ReadingOf(LanguageModel model, int layer) =>
            new Reading.InPrompt(Other.FromIds([1, 2, 3]), layer) { Model = Other, Position = 1 };
    }
}
