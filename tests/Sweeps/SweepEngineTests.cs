using Logitscope.Tests.Golden;
using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

/// <summary>The fast engine against two whole forward passes a cell.</summary>
public class SweepEngineTests
{
    public static TheoryData<string, PositionRule> Cases()
    {
        var cases = new TheoryData<string, PositionRule>();
        foreach (var name in GoldenModel.Names)
        {
            cases.Add(name, PositionRule.Random);
        }

        cases.Add("gptj/partial-rotary", PositionRule.Last);
        cases.Add("gptj/partial-rotary", PositionRule.Reference);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_cell_of_every_method_is_what_two_whole_forward_passes_say(string name, PositionRule positions)
    {
        using var model = TinyModel.Open(float64, name);
        Agree(EveryReading.PlanOf(model, positions, batchSize: 3), 1e-9);
    }

    [Theory]
    [MemberData(nameof(TinyModel.OfEachFamily), MemberType = typeof(TinyModel))]
    public void In_single_precision_too(string name)
    {
        using var model = TinyModel.Open(float32, name);
        Agree(EveryReading.PlanOf(model, PositionRule.Random, batchSize: 3), 1e-4);
    }

    [Theory]
    [MemberData(nameof(TinyModel.OfEachFamily), MemberType = typeof(TinyModel))]
    public void In_bfloat16_the_prediction_is_the_same_wherever_its_lead_allows(string name)
    {
        using var model = TinyModel.Open(bfloat16, name);
        var plan = EveryReading.PlanOf(model, PositionRule.Random, batchSize: 3);
        var truth = NaiveSweep.Run(plan);
        var rows = SmallSweep.RowsOf(plan);
        var clear = rows.Where(row => truth[(row.Method, row.Layer, row.Prompt, row.Position)].Margin > 0.25).ToArray();
        Assert.True(clear.Length > rows.Count / 2, $"{clear.Length} of {rows.Count} rows have a clear lead");
        Assert.All(clear, row => Assert.Equal(truth[(row.Method, row.Layer, row.Prompt, row.Position)].Predicted, row.Predicted));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void The_size_of_a_batch_changes_no_result(int batchSize)
    {
        using var model = TinyModel.Open(float64);
        Agree(EveryReading.PlanOf(model, PositionRule.Random, batchSize), 1e-9);
    }

    // The source is run once however many positions are read; only the rows of the targets are more.
    [Theory]
    [InlineData(PositionRule.Random, 3)]
    [InlineData(PositionRule.Anywhere, 64)]
    public void Several_positions_a_prompt_are_read_from_one_source_pass(PositionRule rule, int batchSize)
    {
        using var model = TinyModel.Open(float64);
        var plan = EveryReading.PlanOf(model, rule, batchSize, perPrompt: 3);
        Assert.Equal([3, 1, 3, 2, 3], Enumerable.Range(0, 5).Select(plan.DrawsOf));
        Agree(plan, 1e-9);
        var (all, last) = (
            EveryReading.PlanOf(model, rule, batchSize, perPrompt: 7), EveryReading.PlanOf(model, PositionRule.Last, batchSize));
        Assert.Equal((4 + 1 + 7 + 2 + 5) * plan.CellsPerPosition, all.Cells);
        Assert.Equal(SweepCost.Of(last).SourceTokens, SweepCost.Of(all).SourceTokens);
    }

    [Fact]
    public void Another_target_model_is_read_through_a_mapping_between_the_widths()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64);
        using var other = TinyModel.Open(float64, "gptj/full-rotary");
        var technique = new IntoAnotherModel(other, new Matrix(randn([model.HiddenSize, other.HiddenSize], float64)));
        var plan = new SweepPlan(model, SmallSweep.Examples, new() { Techniques = [technique], BatchSize = 2 });
        if (model.VocabularySize == other.VocabularySize)
        {
            Agree(plan, 1e-9);
        }
        else
        {
            TinyModel.Says(Assert.Throws<PatchException>(() => SmallSweep.RowsOf(plan)), $"source's {model.VocabularySize} tokens");
        }
    }

    private static void Agree(SweepPlan plan, double allowed)
    {
        var truth = NaiveSweep.Run(plan);
        var rows = SmallSweep.RowsOf(plan);
        Assert.Equal(plan.Cells, rows.Count);
        Assert.Equal(truth.Keys.Order(), rows.Select(row => (row.Method, row.Layer, row.Prompt, row.Position)).Order());
        foreach (var row in rows)
        {
            var score = truth[(row.Method, row.Layer, row.Prompt, row.Position)];
            Assert.True(
                score.Margin <= allowed || (score.Target, score.Predicted, score.Rank) == (row.Target, row.Predicted, row.Rank),
                $"{row}: expected {score}");
            Close(score.Surprisal, row.Surprisal);
            Close(score.SurprisalPaper, row.SurprisalPaper);
            Close(score.Kl, row.Kl);
            Close(score.Margin, row.Margin);

            void Close(double expected, double got) => Assert.True(
                Math.Abs(expected - got) <= allowed * Math.Max(1, Math.Abs(expected)), $"{row}: expected {score}");
        }
    }

    private sealed record IntoAnotherModel(LanguageModel Other, Mapping Between) : NextTokenTechnique
    {
        public override string Name => "another-model";

        public override Reading ReadingOf(LanguageModel model, int layer) =>
            new Reading.InPrompt(Other.FromIds([1, 2, 3]), layer % Other.Layers) { Model = Other, Mapping = Between, Position = 1 };
    }

    private sealed record Matrix(Tensor Weight) : Mapping
    {
        public override string Name => "matrix";

        public override Tensor Apply(Tensor residual) => residual.matmul(Weight);
    }
}
