namespace Logitscope.Checkpoints;

/// <summary>What a checkpoint declares of one tensor.</summary>
/// <param name="Type">Its element type on disk.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Offset">Its first byte in its file.</param>
/// <param name="Strides">How far apart neighbours of each dimension lie, in elements; null: in row order, no gaps.</param>
public sealed record WeightEntry(
    ScalarType Type, IReadOnlyList<long> Shape, long Offset, IReadOnlyList<long>? Strides = null)
{
    /// <summary>Whether its numbers are real ones.</summary>
    public bool IsFloatingPoint =>
        Type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    /// <summary>How many numbers it has.</summary>
    public long Elements => Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>How many bytes its numbers take.</summary>
    public long Bytes => checked(Elements * Type.ElementSize());
}
