using Logitscope.Checkpoints;

namespace Logitscope.Models;

/// <summary>
/// Divides by the root of the mean square, then scales; no centring, no shift. Zhang and Sennrich, arXiv 1910.07467.
/// </summary>
/// <param name="weights">Reader at the norm's name.</param>
/// <param name="size">Width of the residual stream.</param>
/// <param name="epsilon">Added to the mean square.</param>
internal sealed class RmsNorm(WeightReader weights, int size, double epsilon)
{
    private readonly Tensor _weight = weights.Read("weight", size);

    /// <summary>
    /// Normalises each vector: <c>[..., size] -> [..., size]</c>. Half types are widened for it and narrowed before the
    /// scale, as HuggingFace's LLaMA does.
    /// </summary>
    public Tensor Apply(Tensor input)
    {
        var wide = input.dtype == float64 ? input : input.to(float32);
        var meanSquare = (wide * wide).mean([-1], keepdim: true);
        return _weight * (wide * (meanSquare + epsilon).rsqrt()).to(input.dtype);
    }
}
