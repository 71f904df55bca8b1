namespace Logitscope.Checkpoints;

/// <summary>What a checkpoint declares of one tensor.</summary>
/// <param name="Type">Its element type on disk.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Bytes">How many bytes it has.</param>
public sealed record WeightEntry(ScalarType Type, IReadOnlyList<long> Shape, long Offset, long Bytes);
