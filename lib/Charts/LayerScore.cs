using Logitscope.Metrics;

namespace Logitscope.Charts;

/// <summary>One number of a layer sweep: a metric of one method at one layer.</summary>
/// <param name="Method">The method, such as "logit-lens".</param>
/// <param name="Layer">The 0-based block whose output (resid_post) was read.</param>
/// <param name="Value">The mean of the metric, in its unit, and its 95 % interval, which may have no ends.</param>
/// <param name="Count">How many residuals the mean is over.</param>
public sealed record LayerScore(string Method, int Layer, Interval Value, int Count);
