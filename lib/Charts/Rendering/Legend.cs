using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Logitscope.Charts.Rendering;

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

    private int PerRow => Math.Max(1, (int)(room / _entry));

    /// <summary>The legend, its first row at a place.</summary>
    public IEnumerable<XElement> Picture(double left, double top) => curves.Index().Select(entry =>
    {
        var x = left + entry.Index % PerRow * _entry;
        var y = top + (entry.Index / PerRow + 0.5) * Row;
        return Svg.Group(
            Svg.Element("path", Svg.Attribute("d", $"M{Svg.Number(x)} {Svg.Number(y)}h{Svg.Number(Sample - 6)}"),
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
