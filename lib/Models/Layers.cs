namespace Logitscope;

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

/// <summary>A table with a vector for each id, which may be the unembedding too.</summary>
/// <remarks>
/// As in transformers 5: where the configuration ties the two and both are stored with different numbers, they are not
/// tied; where one of them is stored, it serves for both.
/// </remarks>
internal sealed class Embedding
{
    private readonly Tensor _weight; // [rows, size]

    /// <summary>Reads the table.</summary>
    /// <param name="weights">Reader at the table's name.</param>
    /// <param name="rows">How many ids.</param>
    /// <param name="size">Width of a vector.</param>
    /// <param name="tied">Reader at the name of the unembedding that the configuration ties to it; null: none.</param>
    public Embedding(WeightReader weights, int rows, int size, WeightReader? tied)
    {
        var stored = tied is not null && tied.Has("weight") && !weights.Has("weight") ? tied : weights;
        _weight = stored.Read("weight", rows, size);
    }

    /// <summary>Int64 ids to their vectors: <c>[batch, position] -> [batch, position, size]</c>.</summary>
    public Tensor Apply(Tensor ids)
    {
        using var flat = ids.reshape(-1);
        using var vectors = _weight.index_select(0, flat);
        return vectors.reshape(ids.size(0), ids.size(1), _weight.size(1));
    }

    /// <summary>Reads the unembedding.</summary>
    /// <param name="weights">Reader at its name.</param>
    /// <param name="tied">Whether the configuration ties it to the table.</param>
    /// <param name="bias">Whether it has a bias.</param>
    public Linear Head(WeightReader weights, bool tied, bool bias)
    {
        var matrix = !tied ? weights.Read("weight", _weight.shape)
            : weights.HasUnread("weight") ? weights.ReadUnlessSame("weight", _weight)
            : _weight;
        return new Linear(matrix, bias ? weights.Read("bias", _weight.size(0)) : null);
    }
}

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

    /// <summary>Centres a part of a residual and divides it by the whole one's deviation: what the norm makes of it, but for the shift.</summary>
    public Tensor ApplyFrozen(Tensor part, Tensor whole)
    {
        var variance = (whole - whole.mean([-1], keepdim: true)).square().mean([-1], keepdim: true);
        return _weight * (part - part.mean([-1], keepdim: true)) * (variance + epsilon).rsqrt();
    }
}

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

    /// <summary>Divides a part of a residual by the root of the whole one's mean square: what the norm makes of it.</summary>
    public Tensor ApplyFrozen(Tensor part, Tensor whole) => _weight * part * (whole.square().mean([-1], keepdim: true) + epsilon).rsqrt();
}
