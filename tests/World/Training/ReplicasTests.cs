using Logitscope.World;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.World;

public sealed class ReplicasTests : IDisposable
{
    private static readonly GptJConfig s_config = new()
    {
        NEmbd = 16,
        NHead = 2,
        NLayer = 2,
        NPositions = 12,
        RotaryDim = 4,
        NInner = 64,
        VocabSize = 11,
        LayerNormEpsilon = 1e-5,
    };

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = Build(new Parameters(new RandomWeights(1)), new());
    private readonly Tensor _ids;

    public ReplicasTests() => _ids = randint(0, s_config.VocabSize, [5, 9], int64);

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)] // two of them have no row
    public void The_gradients_of_the_parts_are_that_of_the_whole(int count)
    {
        var (loss, expected) = Whole();
        using var replicas = new Replicas(_model, count, float32, Build);
        foreach (var _ in Enumerable.Range(0, 2)) // a second step begins from no gradient
        {
            Assert.Equal(loss, replicas.Gradients(_ids), 1e-6);
            Assert.All(_model.Weights, weight => Assert.True(expected[weight.Key].allclose(weight.Value.grad!, atol: 1e-7), weight.Key));
        }
    }

    [Fact]
    public void In_bfloat16_they_are_near_and_all_that_is_kept_is_float32()
    {
        var (loss, expected) = Whole();
        using var replicas = new Replicas(_model, 2, bfloat16, Build);
        Assert.Equal(loss, replicas.Gradients(_ids), 0.01);
        Assert.All(_model.Weights, weight =>
        {
            Assert.Equal((float32, float32), (weight.Value.dtype, weight.Value.grad!.dtype));
            var error = (expected[weight.Key] - weight.Value.grad!).norm().ToDouble() / expected[weight.Key].norm().ToDouble();
            Assert.InRange(error, 1e-5, 0.05); // not the same: it was computed otherwise
        });
    }

    [Fact]
    public void Replicas_follow_the_weights()
    {
        using var replicas = new Replicas(_model, 2, bfloat16, Build);
        var before = replicas.Gradients(_ids);
        using (no_grad())
        {
            _model.Weights["lm_head.bias"][3].add_(2);
        }

        var (loss, _) = Whole();
        var after = replicas.Gradients(_ids);
        Assert.NotEqual(before, after, 0.05);
        Assert.Equal(loss, after, 0.01);
    }

    [Fact]
    public void What_fails_in_a_part_is_thrown_to_who_asked_and_the_next_step_works()
    {
        using var replicas = new Replicas(_model, 2, float32, Build);
        var bad = _ids.clone();
        bad[4, 2] = s_config.VocabSize;
        Assert.Contains("11", Assert.Throws<ModelException>(() => replicas.Gradients(bad)).Message);
        Assert.True(double.IsFinite(replicas.Gradients(_ids)));
    }

    // The definition: one pass over all rows.
    private (double Loss, Dictionary<string, Tensor> Gradients) Whole()
    {
        foreach (var weight in _model.Weights.Values)
        {
            weight.grad = null;
        }

        var logits = _model.Forward(_ids.narrow(1, 0, 8)).Logits;
        var loss = nn.functional.cross_entropy(logits.reshape(-1, s_config.VocabSize), _ids.narrow(1, 1, 8).reshape(-1));
        loss.backward();
        return (loss.ToDouble(), _model.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.grad!.clone()));
    }

    private static GptJ Build(IWeightSource weights, ModelOptions options) =>
        new(s_config, new WeightReader(weights, options.Dtype, options.Device), options);
}
