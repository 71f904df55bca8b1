using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Logitscope;

/// <summary>Where the parts of a heat map lie, in pixels from the top left.</summary>
internal sealed class HeatLayout
{
    private const double Right = 24;
    private const double NarrowestFigure = 480;
    private const double WidestTitle = 760;

    private readonly HeatFigure _figure;

    /// <exception cref="ChartException">An axis without places, or a cell outside the axes.</exception>
    public HeatLayout(HeatFigure figure)
    {
        _figure = figure;
        var (columns, rows) = (figure.Columns.Labels.Count, figure.Rows.Labels.Count);
        if (columns == 0 || rows == 0)
        {
            throw new ChartException($"A heat map needs a column and a row, got {columns} columns and {rows} rows.");
        }

        if (figure.Cells.FirstOrDefault(cell => (uint)cell.Column >= columns || (uint)cell.Row >= rows) is { } outside)
        {
            throw new ChartException($"A heat map of {columns} columns and {rows} rows "
                + $"got a cell in column {outside.Column}, row {outside.Row}.");
        }

        var worded = figure.Cells.Any(cell => cell.Text.Length > 0);
        CellWidth = Math.Floor(worded ? Math.Clamp(680.0 / columns, 50, 120) : Math.Clamp(680.0 / columns, 8, 40));
        CellHeight = Math.Floor(worded ? Math.Clamp(120.0 / rows, 22, 56) : Math.Clamp(400.0 / rows, 8, 40));
        RowLabelRoom = Math.Min(160, figure.Rows.Labels.Max(label => TextWidth.Of(label.Text, Theme.TickSize)) + 1);
        Left = RowLabelRoom + 44;
        Width = Math.Max(NarrowestFigure, Left + columns * CellWidth + Right);
        Header = new Header(figure, Math.Min(WidestTitle, Width - Left - Right));
    }

    public double CellWidth { get; }

    public double CellHeight { get; }

    /// <summary>The widest that a row's label may be.</summary>
    public double RowLabelRoom { get; }

    public double Left { get; }

    public double Width { get; }

    public Header Header { get; }

    /// <summary>The space at the right of the plot.</summary>
    public double RightMargin => Width - Left - PlotWidth;

    public double PlotWidth => _figure.Columns.Labels.Count * CellWidth;

    public double PlotHeight => _figure.Rows.Labels.Count * CellHeight;

    public double BarTop => Header.Height;

    public double Top => Header.Height + ColorBar.Height;

    public double Foot => Top + PlotHeight;

    public double Bottom => _figure.Columns.Labels.Any(label => label.Note.Length > 0) ? 62 : 48;

    public double Height => Foot + Bottom;

    public double TextSize => CellWidth < 52 ? 10 : Theme.TickSize;

    /// <summary>The middle of a column.</summary>
    public double MiddleX(int column) => Left + (column + 0.5) * CellWidth;

    /// <summary>The middle of a row; rows count from the bottom.</summary>
    public double MiddleY(int row) => Foot - (row + 0.5) * CellHeight;

    /// <summary>A word as far as it fits into a column.</summary>
    public string Fit(string text) => TextWidth.Fit(text, CellWidth - 4, TextSize);
}

/// <summary>The legend of a colour scale: its name, its colours, and a few of its values.</summary>
internal sealed class ColorBar(ColorScale scale)
{
    /// <summary>The space that it takes above the plot.</summary>
    public const double Height = 50;

    private const double Width = 200;
    private const double Thickness = 9;

    // From the top: the name, the colours, the values.
    private const double ColorsTop = 18;

    private Axis Axis => new(scale.Title, scale.Min, scale.Max, Axis.StepFor(scale.Max - scale.Min, 5));

    /// <summary>The bar as slices, since a gradient would need an identifier that a page may hold twice.</summary>
    public XElement Picture(double left, double top)
    {
        const int slices = 100;
        double Place(double value) => left + (value - scale.Min) / (scale.Max - scale.Min) * Width;
        return Svg.Group(
            Svg.Text(left, top + 11, scale.Title, Theme.TickSize, Theme.Ink),
            Enumerable.Range(0, slices).Select(slice => Svg.Rect(
                left + slice * Width / slices, top + ColorsTop, Width / slices + 0.3, Thickness,
                scale.At(scale.Min + (scale.Max - scale.Min) * (slice + 0.5) / slices))),
            Svg.Rect(left, top + ColorsTop, Width, Thickness, "none", Svg.Attribute("stroke", Theme.Frame),
                Svg.Attribute("stroke-width", 0.5)),
            Axis.Ticks().Select(tick => Svg.Text(
                Place(tick), top + ColorsTop + Thickness + 12, TickText(tick), 10, Theme.Quiet, "middle")));
    }

    /// <summary>plotly's colour bar, at the same place.</summary>
    /// <param name="plotHeight">The height of the plot below it.</param>
    public JsonObject Plotly(double plotHeight) => new()
    {
        ["orientation"] = "h",
        ["x"] = 0,
        ["xanchor"] = "left",
        ["xpad"] = 0,
        ["y"] = 1 + (Height - ColorsTop) / plotHeight,
        ["yanchor"] = "top",
        ["ypad"] = 0,
        ["len"] = Width,
        ["lenmode"] = "pixels",
        ["thickness"] = Thickness,
        ["outlinecolor"] = Theme.Frame,
        ["outlinewidth"] = 0.5,
        ["tickfont"] = PlotlySpec.Font(10, Theme.Quiet),
        ["tickvals"] = PlotlySpec.Array(Axis.Ticks()),
        ["ticktext"] = PlotlySpec.Array(Axis.Ticks().Select(TickText)),
    };

    /// <summary>Its name. plotly's own title of a colour bar is centred, and moves the title of the figure.</summary>
    public JsonObject PlotlyName() => PlotlySpec.Note(scale.Title, Theme.TickSize, edge: 1, below: -Height - 2);

    private static string TickText(double tick) => $"{tick:0.######}";
}
