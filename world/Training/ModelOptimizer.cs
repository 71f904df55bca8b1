using TorchSharp.Modules;

namespace Logitscope.World;

/// <summary>
/// AdamW (Loshchilov and Hutter, arXiv 1711.05101) over a model's weights, decaying matrices alone, with what it
/// remembers under names that a checkpoint can hold.
/// </summary>
internal sealed class ModelOptimizer : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.95;

    private readonly (string Name, Parameter Weight)[] _weights;
    private readonly AdamW _adam;

    /// <param name="model">Its weights are <see cref="Parameters"/>.</param>
    /// <param name="weightDecay">Of matrices, a step and unit of learning rate.</param>
    public ModelOptimizer(LanguageModel model, double weightDecay)
    {
        var groups = model.Weights.Select(weight => (Name: weight.Key, Weight: (Parameter)weight.Value))
            .ToLookup(weight => weight.Weight.Dimensions > 1);
        _weights = [.. groups[true], .. groups[false]];
        _adam = new AdamW([GroupOf(groups[true], weightDecay), GroupOf(groups[false], 0)]);
    }

    /// <summary>The moments of every weight, in place.</summary>
    public IEnumerable<(string Name, Tensor Value)> Moments => _weights.Zip(States).SelectMany(pair => new[]
    {
        ($"mean.{pair.First.Name}", pair.Second.exp_avg), ($"square.{pair.First.Name}", pair.Second.exp_avg_sq),
    });

    private IEnumerable<AdamW.State> States => _adam.state_dict().State.Cast<AdamW.State>();

    /// <summary>Cuts the gradients to a common norm, moves the weights, and forgets the gradients.</summary>
    /// <exception cref="TrainingException">A weight has no gradient.</exception>
    public void Step(double learningRate, double clip)
    {
        using var scope = NewDisposeScope();
        if (_weights.FirstOrDefault(weight => weight.Weight.grad is null) is { Name: { } name })
        {
            throw new TrainingException($"the loss does not depend on '{name}'");
        }

        nn.utils.clip_grad_norm_(_weights.Select(weight => weight.Weight), clip);
        foreach (var group in _adam.ParamGroups)
        {
            group.LearningRate = learningRate;
        }

        _adam.step();
        _adam.zero_grad();
    }

    /// <summary>Goes on after so many steps, with moments that were put in place.</summary>
    public void Resume(int steps)
    {
        foreach (var state in States)
        {
            state.step = steps;
        }
    }

    public void Dispose() => _adam.Dispose();

    private static AdamW.ParamGroup GroupOf(IEnumerable<(string Name, Parameter Weight)> weights, double weightDecay) =>
        new([.. weights.Select(weight => weight.Weight)], beta1: Beta1, beta2: Beta2, weight_decay: weightDecay);
}

/// <summary>Weights that an optimiser takes, and that gather gradients.</summary>
internal sealed class Parameters(IWeightSource source) : IWeightSource
{
    public bool Has(string name) => source.Has(name);

    public Tensor Read(string name, IReadOnlyList<long> shape, WeightOptions options) =>
        new Parameter(source.Read(name, shape, options));
}
