namespace Logitscope.Patching;

/// <summary>A residual does not fit where it is to go.</summary>
/// <param name="message">What, expected, got.</param>
public sealed class PatchException(string message) : LogitscopeException(message);
