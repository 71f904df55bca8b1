using Logitscope.Checkpoints;

namespace Logitscope.Models;

/// <summary>A matrix, and a bias where there is one.</summary>
/// <param name="weight"><c>[output, input]</c>.</param>
/// <param name="bias"><c>[output]</c>.</param>
internal sealed class Linear(Tensor weight, Tensor? bias)
{
    /// <summary>Reads it.</summary>
    /// <param name="weights">Reader at the layer's name.</param>
    /// <param name="input">Width that goes in.</param>
    /// <param name="output">Width that comes out.</param>
    /// <param name="bias">Whether the checkpoint has a bias.</param>
    public Linear(WeightReader weights, int input, int output, bool bias)
        : this(weights.Read("weight", output, input), bias ? weights.Read("bias", output) : null)
    {
    }

    /// <summary><c>[..., input] -> [..., output]</c>.</summary>
    public Tensor Apply(Tensor hidden) => nn.functional.linear(hidden, weight, bias);
}
