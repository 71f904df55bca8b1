using Logitscope.World;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.World;

public sealed class ModelOptimizerTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly GptJ _model = new(
        new GptJConfig { NEmbd = 8, NHead = 2, NLayer = 1, NPositions = 4, RotaryDim = 2, NInner = 32, VocabSize = 5, LayerNormEpsilon = 1e-5 },
        new WeightReader(new Parameters(new RandomWeights(1)), float32, CPU),
        new ModelOptions());

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Without_gradients_only_matrices_decay()
    {
        var before = Copies();
        using var optimizer = new ModelOptimizer(_model, weightDecay: 0.1);
        SetGradients(0);
        optimizer.Step(learningRate: 0.5, clip: 1);
        Assert.All(_model.Weights, weight => Assert.True(
            (before[weight.Key] * (weight.Value.Dimensions > 1 ? 0.95 : 1)).allclose(weight.Value), weight.Key));
    }

    [Fact]
    public void Gradients_are_cut_to_a_common_norm_and_forgotten()
    {
        using var optimizer = new ModelOptimizer(_model, weightDecay: 0);
        SetGradients(100);
        optimizer.Step(learningRate: 0, clip: 2);
        var means = optimizer.Moments.Where(moment => moment.Name.StartsWith("mean.", StringComparison.Ordinal))
            .Select(moment => moment.Value.pow(2).sum().item<float>());
        Assert.Equal((1 - 0.9) * 2, Math.Sqrt(means.Sum()), 1e-5);
        Assert.All(_model.Weights.Values, weight => Assert.Equal(0, weight.grad!.abs().sum().item<float>()));
    }

    [Fact]
    public void The_first_step_is_the_learning_rate_against_the_gradient()
    {
        var before = Copies();
        using var optimizer = new ModelOptimizer(_model, weightDecay: 0);
        SetGradients(1);
        optimizer.Step(learningRate: 0.01, clip: 1000);
        Assert.All(_model.Weights, weight => Assert.True((before[weight.Key] - 0.01).allclose(weight.Value, atol: 1e-6), weight.Key));
    }

    [Fact]
    public void A_weight_that_the_loss_does_not_depend_on_is_named()
    {
        using var optimizer = new ModelOptimizer(_model, weightDecay: 0);
        Assert.Contains("transformer.wte.weight", Assert.Throws<TrainingException>(() => optimizer.Step(0.1, 1)).Message);
    }

    private Dictionary<string, Tensor> Copies() => _model.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.detach().clone());

    private void SetGradients(double value)
    {
        foreach (var weight in _model.Weights.Values)
        {
            weight.grad = full_like(weight.detach(), value);
        }
    }
}
