using Logitscope.Checkpoints;

namespace Logitscope.Models;

/// <summary>A table with a vector for each id.</summary>
/// <param name="weights">Reader at the table's name.</param>
/// <param name="rows">How many ids.</param>
/// <param name="size">Width of a vector.</param>
internal sealed class Embedding(WeightReader weights, int rows, int size)
{
    /// <summary>The table, <c>[row, size]</c>: a tied head reads it the other way round.</summary>
    public Tensor Weight { get; } = weights.Read("weight", rows, size);

    /// <summary>Int64 ids to their vectors: <c>[batch, position] -> [batch, position, size]</c>.</summary>
    public Tensor Apply(Tensor ids)
    {
        using var flat = ids.reshape(-1);
        using var vectors = Weight.index_select(0, flat);
        return vectors.reshape(ids.size(0), ids.size(1), size);
    }
}
