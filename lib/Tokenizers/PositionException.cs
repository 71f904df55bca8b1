namespace Logitscope.Tokenizers;

/// <summary>A position was asked for that the prompt does not have.</summary>
/// <param name="message">What, expected, got: one line.</param>
public sealed class PositionException(string message) : LogitscopeException(message);
