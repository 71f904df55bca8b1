using Logitscope;

namespace TorchSharp;

/// <summary>libtorch refused an operation. The message is the first line of libtorch's own.</summary>
/// <param name="message">What libtorch said.</param>
public class TorchException(string message) : LogitscopeException(message);

/// <summary>Sizes or dimensions do not fit the operation.</summary>
/// <param name="message">What libtorch said.</param>
public sealed class TorchShapeException(string message) : TorchException(message);

/// <summary>An index lies outside its dimension.</summary>
/// <param name="message">What libtorch said.</param>
public sealed class TorchIndexException(string message) : TorchException(message);

/// <summary>The device has no memory left for the result.</summary>
/// <param name="message">What libtorch said.</param>
public sealed class TorchOutOfMemoryException(string message) : TorchException(message);

/// <summary>libtorch, or the shim over it, could not be loaded.</summary>
/// <param name="message">What was looked for, and the remedy.</param>
public sealed class TorchNotFoundException(string message) : TorchException(message);
