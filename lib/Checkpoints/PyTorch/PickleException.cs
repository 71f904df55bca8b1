namespace Logitscope.Checkpoints.PyTorch;

/// <summary>A pickle does what a state dict does not; <see cref="PyTorchFile"/> adds the file's name.</summary>
/// <param name="message">What.</param>
/// <param name="inner">What caused it.</param>
internal sealed class PickleException(string message, Exception? inner = null) : Exception(message, inner);
