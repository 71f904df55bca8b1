namespace Logitscope.World;

/// <summary>Adam with decoupled weight decay on matrices. Loshchilov and Hutter, arXiv 1711.05101.</summary>
internal sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.95;
    private const double Epsilon = 1e-8;

    private readonly double _weightDecay;
    private readonly List<(string Name, Tensor Weight, Tensor Mean, Tensor Square)> _parameters;

    public AdamW(IReadOnlyDictionary<string, Tensor> weights, double weightDecay)
    {
        _weightDecay = weightDecay;
        _parameters =
        [
            .. weights.Select(pair => (pair.Key, pair.Value,
                zeros(pair.Value.shape).DetachFromDisposeScope(), zeros(pair.Value.shape).DetachFromDisposeScope())),
        ];
    }

    /// <summary>The moments, under names that a checkpoint can hold.</summary>
    public IEnumerable<(string Name, Tensor Value)> State => _parameters.SelectMany(
        p => new[] { ($"mean.{p.Name}", p.Mean), ($"square.{p.Name}", p.Square) });

    /// <summary>Cuts the gradients to a common norm, moves the weights, and forgets the gradients.</summary>
    public void Step(int step, double learningRate, double clip)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var gradients = _parameters.Select(p => p.Weight.grad
            ?? throw new TrainingException($"the loss does not depend on '{p.Name}'")).ToArray();
        var norm = Math.Sqrt(gradients.Sum(g => (g * g).sum().ToDouble()));
        var scale = norm > clip ? clip / norm : 1;
        var (correction1, correction2) = (1 - Math.Pow(Beta1, step + 1), 1 - Math.Pow(Beta2, step + 1));
        foreach (var ((_, weight, mean, square), gradient) in _parameters.Zip(gradients))
        {
            using var inner = NewDisposeScope();
            gradient.mul_(scale);
            mean.mul_(Beta1).add_(gradient, 1 - Beta1);
            square.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
            if (weight.Dimensions > 1)
            {
                weight.mul_(1 - (learningRate * _weightDecay));
            }

            weight.addcdiv_(mean, (square / correction2).sqrt() + Epsilon, -learningRate / correction1);
            weight.grad = null;
        }
    }

    public void Dispose()
    {
        foreach (var (_, _, mean, square) in _parameters)
        {
            mean.Dispose();
            square.Dispose();
        }
    }
}
