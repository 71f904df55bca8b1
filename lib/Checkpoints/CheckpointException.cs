namespace Logitscope.Checkpoints;

/// <summary>A model's files are missing, broken, or not what its configuration says.</summary>
/// <param name="message">File, tensor, expected and got.</param>
/// <param name="inner">What caused it.</param>
public sealed class CheckpointException(string message, Exception? inner = null) : LogitscopeException(message, inner);
