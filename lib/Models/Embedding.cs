using Logitscope.Checkpoints;

namespace Logitscope.Models;

/// <summary>A table with a vector for each id.</summary>
/// <param name="weights">Reader at the table's name.</param>
/// <param name="rows">How many ids.</param>
/// <param name="size">Width of a vector.</param>
internal sealed class Embedding(WeightReader weights, int rows, int size)
{
    private readonly Tensor _weight = weights.Read("weight", rows, size);

    /// <summary>Int64 ids to their vectors: <c>[batch, position] -> [batch, position, size]</c>.</summary>
    public Tensor Apply(Tensor ids)
    {
        using var flat = ids.reshape(-1);
        using var vectors = _weight.index_select(0, flat);
        return vectors.reshape(ids.size(0), ids.size(1), size);
    }

    /// <summary>The other way, where the unembedding is tied to it: <c>[..., size] -> [..., rows]</c>.</summary>
    public Tensor Unembed(Tensor normal) => nn.functional.linear(normal, _weight);
}
