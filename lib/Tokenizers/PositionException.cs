namespace Logitscope.Tokenizers;

/// <summary>A position was asked for that the prompt does not have.</summary>
/// <param name="message">What, expected, got: one line.</param>
public sealed class PositionException(string message) : LogitscopeException(message)
{
    /// <summary>What a signed position means in so many tokens: a negative one counts from the end, -1 is the last.</summary>
    /// <param name="position">The position asked for.</param>
    /// <param name="count">How many tokens there are.</param>
    /// <returns>0-based from the start; outside 0 to <paramref name="count"/> - 1 where there is no such token.</returns>
    internal static long Resolve(long position, long count) => position < 0 ? count + position : position;
}
