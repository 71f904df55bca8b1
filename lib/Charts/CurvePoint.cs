using Logitscope.Metrics;

namespace Logitscope.Charts;

/// <summary>One point of a line.</summary>
/// <param name="X">Where along the bottom.</param>
/// <param name="Y">The value, finite, and its 95 % interval; without ends it draws no band here.</param>
/// <param name="Hover">What a reader sees on pointing at it, beside the name of the curve and the place.</param>
public sealed record CurvePoint(double X, Interval Y, string Hover);
