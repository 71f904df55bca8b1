namespace Logitscope.Charts;

/// <summary>One line of a figure.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Look">Colour and dash.</param>
/// <param name="Points">From left to right.</param>
public sealed record Curve(string Name, LineLook Look, IReadOnlyList<CurvePoint> Points);
