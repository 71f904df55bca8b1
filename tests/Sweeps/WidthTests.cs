using Logitscope.Tests.Models;
using Logitscope.World;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

/// <summary>The engine with a target model of another width: what two whole forward passes with the mapping between them give.</summary>
public sealed class WidthTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _source = TinyModel.Open(float64); // 48 wide, 61 ids

    public void Dispose()
    {
        _source.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(24)]
    [InlineData(80)]
    public void A_sweep_into_a_model_of_another_width_has_the_rows_of_whole_runs(int width)
    {
        using var target = Random(width, vocabulary: _source.VocabularySize);
        var mapping = new Projection(randn([48, width], float64));
        var technique = new Into(target, mapping);
        var result = Sweep.Run(
            _source,
            SmallSweep.Examples,
            new() { Techniques = [technique], Positions = PositionRule.Random, BatchSize = 2 },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(SmallSweep.Examples.Length * _source.Layers, result.Rows.Count);
        foreach (var row in result.Rows)
        {
            using var scope = NewDisposeScope();
            var prompt = _source.FromIds(SmallSweep.Examples[row.Prompt].Ids!);
            var hook = new Hook(row.Layer, Site.ResidPost);
            var own = _source.Forward(prompt.ToTensor(), new() { Keep = [hook] });
            var vector = own.Residuals[hook].select(1, row.Position).mm(mapping.Matrix);
            var edit = new Edit(new(row.Layer % target.Layers, Site.ResidPost), 1, vector);
            var patched = target.Forward(target.Tensor(Into.Ids), new() { Edits = [edit], Logits = LogitsOf.LastPosition }).Logits.select(1, 0);
            using var scorer = new NextTokenScorer(own.Logits.select(1, row.Position));
            var expected = scorer.Score(patched, [0])[0];
            Assert.Equal((expected.Target, expected.Predicted, expected.Rank), (row.Target, row.Predicted, row.Rank));
            Assert.Equal(expected.Surprisal, row.Surprisal, 1e-9);
            Assert.Equal(expected.SurprisalPaper, row.SurprisalPaper, 1e-9);
            Assert.Equal(expected.Kl, row.Kl, 1e-9);
            Assert.Equal(expected.Margin, row.Margin, 1e-9);
        }
    }

    [Fact]
    public void A_patch_and_a_grid_agree_between_models_of_different_width_and_depth()
    {
        using var target = Random(24, vocabulary: 40);
        var mapping = new Projection(randn([48, 24], float64));
        var patchscope = new Patchscope(
            new(_source, _source.FromIds([1, 2, 3]), 1, 1), new(target, target.FromIds(Into.Ids), 1, 1) { MaxNewTokens = 3 })
        {
            Mapping = mapping,
        };
        var grid = PatchGrid.Run(patchscope, TestContext.Current.CancellationToken);
        Assert.Equal(_source.Layers * target.Layers, grid.Cells.Count);
        foreach (var cell in grid.Cells)
        {
            var one = (patchscope with
            {
                Source = patchscope.Source with { Layer = cell.SourceLayer },
                Target = patchscope.Target with { Layer = cell.TargetLayer },
            }).Run();
            Assert.Equal(one.Next.Top(5).Select(top => top.Id), cell.Top.Select(top => top.Id));
            Assert.Equal(one.GeneratedIds, cell.GeneratedIds);
        }
    }

    [Fact]
    public void Without_a_mapping_between_them_it_is_refused_by_both_widths()
    {
        using var target = Random(24, vocabulary: _source.VocabularySize);
        Refused(new Into(target, Mapping.Identity), "expected floating-point numbers [", "24]", "48]", "models of different width need a mapping");
    }

    [Fact]
    public void Another_vocabulary_is_refused_by_both_sizes()
    {
        using var target = Random(24, vocabulary: 40);
        Refused(new Into(target, new Projection(randn([48, 24], float64))), "expected a target model with the source's 61 tokens", "got one with 40");
    }

    private void Refused(NextTokenTechnique technique, params string[] words) => TinyModel.Says(
        Assert.Throws<PatchException>(() => Sweep.Run(_source, SmallSweep.Examples, new() { Techniques = [technique] })), words);

    private static GptJ Random(int width, int vocabulary)
    {
        var config = new GptJConfig
        {
            NEmbd = width,
            NHead = 2,
            NLayer = 2,
            NPositions = 16,
            RotaryDim = 4,
            NInner = 32,
            VocabSize = vocabulary,
            LayerNormEpsilon = 1e-5,
        };
        var options = new ModelOptions { Dtype = float64 };
        return new GptJ(config, new WeightReader(new RandomWeights(3), options.Dtype, options.Device), options);
    }

    private sealed record Into(LanguageModel Model, Mapping Mapping) : NextTokenTechnique
    {
        public static int[] Ids { get; } = [7, 8, 9];

        public override string Name => "into-another-width";

        public override Reading ReadingOf(LanguageModel model, int layer) =>
            new Reading.InPrompt(Model.FromIds(Ids), layer % Model.Layers) { Model = Model, Mapping = Mapping, Position = 1 };
    }

    private sealed record Projection(Tensor Matrix) : Mapping
    {
        public override string Name => "projection";

        public override Tensor Apply(Tensor residual) => residual.reshape(-1, Matrix.size(0)).mm(Matrix)
            .reshape([.. residual.shape[..^1], Matrix.size(1)]);
    }
}
