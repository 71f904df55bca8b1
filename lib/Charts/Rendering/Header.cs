using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Logitscope;

/// <summary>Title and subtitle, broken into lines that fit the figure.</summary>
internal sealed class Header
{
    private const double Top = 12;

    // plotly's buttons lie over the right end of the first lines.
    private const double Buttons = 150;
    private const double Narrowest = 180;

    // plotly's distance between the lines of one title.
    private const double Line = 1.3 * Theme.TitleSize;

    private readonly IReadOnlyList<string> _title;
    private readonly IReadOnlyList<string> _subtitle;

    public Header(ChartFigure figure, double room)
    {
        room = Math.Max(room - Buttons, Math.Min(room, Narrowest));
        _title = TextWidth.Wrap(figure.Title, room, Theme.TitleSize);
        _subtitle = TextWidth.Wrap(figure.Subtitle, room, Theme.TextSize);
    }

    /// <summary>Where the space below it begins.</summary>
    public double Height => Top + (_title.Count + _subtitle.Count) * Line + 4;

    /// <summary>The lines as text elements.</summary>
    /// <param name="left">Where lines begin.</param>
    public IEnumerable<XElement> Lines(double left) =>
    [
        .. _title.Index().Select(line => Svg.Text(left, Baseline(line.Index), line.Item, Theme.TitleSize, Theme.Ink,
            more: Svg.Attribute("font-weight", 600))),
        .. _subtitle.Index().Select(line => Svg.Text(
            left, Baseline(_title.Count + line.Index), line.Item, Theme.TextSize, Theme.Quiet)),
    ];

    /// <summary>plotly's title, at the same place.</summary>
    public JsonObject Plotly() => new()
    {
        ["text"] = string.Join("<br>", [.. _title.Select(PlotlySpec.Text), .. _subtitle.Select(QuietLine)]),
        ["font"] = PlotlySpec.Font(Theme.TitleSize, Theme.Ink, weight: 600),
        ["x"] = 0,
        ["xref"] = "paper",
        ["xanchor"] = "left",
        ["y"] = 1,
        ["yref"] = "container",
        ["yanchor"] = "top",
        ["pad"] = new JsonObject { ["t"] = Top },
    };

    private static double Baseline(int line) => Top + 0.75 * Theme.TitleSize + line * Line;

    private static string QuietLine(string line) =>
        $"<span style=\"font-size:{Theme.TextSize}px;font-weight:400;color:{Theme.Quiet}\">"
        + $"{PlotlySpec.Text(line)}</span>";
}

/// <summary>The names of the lines, in rows above the plot, where they cover no curve.</summary>
internal sealed class Legend(IReadOnlyList<Curve> curves, double room)
{
    private const double Sample = 36;
    private const double Gap = 28;
    private const double Row = 20;

    private readonly double _entry = Math.Min(room,
        curves.Max(curve => TextWidth.Of(Label.Printable(curve.Name), Theme.TextSize)) + Sample + Gap);

    /// <summary>The space that it takes.</summary>
    public double Height => Math.Ceiling((double)curves.Count / PerRow) * Row + 8;

    // plotly sets 5 pixels behind each.
    private int PerRow => Math.Max(1, (int)(room / (_entry + 5)));

    /// <summary>The legend, its first row at a place.</summary>
    public IEnumerable<XElement> Picture(double left, double top) => curves.Index().Select(entry =>
    {
        var x = left + entry.Index % PerRow * _entry;
        var y = top + (entry.Index / PerRow + 0.5) * Row;
        return Svg.Group(
            entry.Item.Look.Dash == Dash.None
                ? Svg.Circle(x + (Sample - 6) / 2, y, 4, entry.Item.Look.Color)
                : Svg.Element("path", Svg.Attribute("d", $"M{Svg.Number(x)} {Svg.Number(y)}h{Svg.Number(Sample - 6)}"),
                    LineStyles.Stroke(entry.Item.Look)),
            Svg.Text(x + Sample, y + 4, TextWidth.Fit(entry.Item.Name, _entry - Sample, Theme.TextSize), Theme.TextSize,
                Theme.Ink));
    });

    /// <summary>plotly's legend, in as many rows.</summary>
    /// <param name="plotHeight">The height of the plot below it.</param>
    public JsonObject Plotly(double plotHeight) => new()
    {
        ["orientation"] = "h",
        ["x"] = 0,
        ["y"] = 1 + 6 / plotHeight,
        ["yanchor"] = "bottom",
        ["itemwidth"] = Sample,
        // plotly adds the sample and a gap of 10 to the width, and would set the lines apart as groups.
        ["entrywidth"] = _entry - Sample - 10,
        ["tracegroupgap"] = 0,
        ["font"] = PlotlySpec.Font(Theme.TextSize, Theme.Ink),
    };
}
