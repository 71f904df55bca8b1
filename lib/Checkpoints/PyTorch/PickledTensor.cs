namespace Logitscope.Checkpoints.PyTorch;

/// <summary>A pickle's word for a tensor; nothing of it is checked against the archive yet.</summary>
/// <param name="Storage">Where its numbers are.</param>
/// <param name="Offset">The number that is its first.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Strides">How far apart neighbours of each dimension lie, in numbers.</param>
internal sealed record PickledTensor(
    StorageReference Storage, long Offset, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides);
