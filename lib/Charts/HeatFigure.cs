using Logitscope.Charts.Rendering;

namespace Logitscope.Charts;

/// <summary>A grid of coloured cells with a word in each. Columns of equal labels stay separate columns.</summary>
public sealed record HeatFigure : Figure
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
