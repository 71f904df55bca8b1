namespace Logitscope.Sweeps;

/// <summary>A sweep cannot run, or cannot go on where it is told to.</summary>
/// <param name="message">What, expected, got, where.</param>
/// <param name="inner">What caused it.</param>
public sealed class SweepException(string message, Exception? inner = null) : LogitscopeException(message, inner);
