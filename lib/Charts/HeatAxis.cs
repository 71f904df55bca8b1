namespace Logitscope.Charts;

/// <summary>The places along one side of a heat map.</summary>
/// <param name="Title">What the places are.</param>
/// <param name="Labels">One label a place, at least one; repeated labels are separate places.</param>
public sealed record HeatAxis(string Title, IReadOnlyList<HeatLabel> Labels);
