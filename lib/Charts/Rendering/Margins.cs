namespace Logitscope.Charts.Rendering;

/// <summary>The space around a plot, in pixels.</summary>
internal sealed record Margins(double Left, double Right, double Top, double Bottom);
