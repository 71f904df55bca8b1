namespace Logitscope.Charts;

/// <summary>The label of a place along a heat map.</summary>
/// <param name="Text">The label, cut to fit its place.</param>
/// <param name="Note">A second, quieter line: the position of a token. The default is none.</param>
public sealed record HeatLabel(string Text, string Note = "");
