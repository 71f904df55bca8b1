namespace Logitscope.Charts;

/// <summary>A 95 % interval, in the unit of the value that it belongs to.</summary>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound, not below <paramref name="Low"/>.</param>
public sealed record Band(double Low, double High);
