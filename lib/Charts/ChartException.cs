namespace Logitscope.Charts;

/// <summary>Numbers or options that cannot be drawn.</summary>
/// <param name="message">What, expected, got, where.</param>
public sealed class ChartException(string message) : LogitscopeException(message);
