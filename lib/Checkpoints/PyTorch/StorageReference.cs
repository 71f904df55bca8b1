namespace Logitscope.Checkpoints.PyTorch;

/// <summary>A pickle's word for a file of the archive that holds numbers.</summary>
/// <param name="Type">Their type.</param>
/// <param name="Key">The file's name below <c>data/</c>.</param>
/// <param name="Elements">How many numbers it declares.</param>
internal sealed record StorageReference(ScalarType Type, string Key, long Elements);
