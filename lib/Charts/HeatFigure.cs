namespace Logitscope;

/// <summary>A grid of coloured cells with a word in each. Columns of equal labels stay separate columns.</summary>
public sealed partial record HeatFigure : ChartFigure
{
    /// <summary>The columns, from left to right.</summary>
    public required HeatAxis Columns { get; init; }

    /// <summary>The rows, from bottom to top.</summary>
    public required HeatAxis Rows { get; init; }

    /// <summary>What the colours mean.</summary>
    public required ColorScale Scale { get; init; }

    /// <summary>The cells that hold something; a place without a cell stays blank.</summary>
    public required IReadOnlyList<HeatCell> Cells { get; init; }

    internal override IFigureRenderer Renderer => new HeatRenderer(this);
}

/// <summary>The places along one side of a heat map.</summary>
/// <param name="Title">What the places are.</param>
/// <param name="Labels">One label a place, at least one; repeated labels are separate places.</param>
public sealed record HeatAxis(string Title, IReadOnlyList<HeatLabel> Labels);

/// <summary>One cell of a heat map.</summary>
/// <param name="Column">0-based from the left.</param>
/// <param name="Row">0-based from the bottom.</param>
/// <param name="Value">What its colour shows.</param>
/// <param name="Text">The word in it, cut to fit.</param>
/// <param name="Hover">Lines that a reader sees on pointing at it.</param>
public sealed record HeatCell(int Column, int Row, double Value, string Text, IReadOnlyList<string> Hover);

/// <summary>The label of a place along a heat map.</summary>
/// <param name="Text">The label, cut to fit its place.</param>
/// <param name="Note">A second, quieter line: the position of a token. The default is none.</param>
public sealed record HeatLabel(string Text, string Note = "");
