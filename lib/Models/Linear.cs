using Logitscope.Checkpoints;

namespace Logitscope.Models;

/// <summary>A matrix, and a bias where there is one.</summary>
/// <param name="weights">Reader at the layer's name.</param>
/// <param name="input">Width that goes in.</param>
/// <param name="output">Width that comes out.</param>
/// <param name="bias">Whether the checkpoint has a bias.</param>
internal sealed class Linear(WeightReader weights, int input, int output, bool bias)
{
    private readonly Tensor _weight = weights.Read("weight", output, input);
    private readonly Tensor? _bias = bias ? weights.Read("bias", output) : null;

    /// <summary><c>[..., input] -> [..., output]</c>.</summary>
    public Tensor Apply(Tensor hidden) => nn.functional.linear(hidden, _weight, _bias);
}
