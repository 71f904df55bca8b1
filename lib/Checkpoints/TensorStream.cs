namespace Logitscope.Checkpoints;

/// <summary>A tensor that is not in memory as a whole.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Pieces">Its numbers in row order, as CPU tensors that live until the next one is asked for.</param>
internal sealed record TensorStream(
    string Name, ScalarType Type, IReadOnlyList<long> Shape, IEnumerable<Tensor> Pieces)
{
    /// <summary>How many bytes its numbers take.</summary>
    public long Bytes => Shape.Aggregate((long)Type.ElementSize(), (product, size) => checked(product * size));
}
