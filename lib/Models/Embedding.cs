using Logitscope.Checkpoints;

namespace Logitscope.Models;

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
