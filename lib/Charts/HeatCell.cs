namespace Logitscope.Charts;

/// <summary>One cell of a heat map.</summary>
/// <param name="Column">0-based from the left.</param>
/// <param name="Row">0-based from the bottom.</param>
/// <param name="Value">What its colour shows.</param>
/// <param name="Text">The word in it, cut to fit.</param>
/// <param name="Hover">Lines that a reader sees on pointing at it.</param>
public sealed record HeatCell(int Column, int Row, double Value, string Text, IReadOnlyList<string> Hover);
