using Logitscope.Checkpoints;

namespace Logitscope.Models;

/// <summary>Layer norm with scale and shift.</summary>
/// <param name="weights">Reader at the norm's name.</param>
/// <param name="size">Width of the residual stream.</param>
/// <param name="epsilon">Added to the variance.</param>
internal sealed class LayerNorm(WeightReader weights, int size, double epsilon)
{
    private readonly Tensor _weight = weights.Read("weight", size);
    private readonly Tensor _bias = weights.Read("bias", size);

    /// <summary>Normalises each vector: <c>[..., size] -> [..., size]</c>.</summary>
    public Tensor Apply(Tensor input) => nn.functional.layer_norm(input, [size], _weight, _bias, epsilon);
}
