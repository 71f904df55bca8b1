namespace Logitscope.Checkpoints.PyTorch;

/// <summary>Where a file of an archive lies.</summary>
/// <param name="Header">The first byte of its local header.</param>
/// <param name="Start">Its own first byte.</param>
/// <param name="Length">How many bytes it has.</param>
internal readonly record struct StoredFile(long Header, long Start, long Length);
