using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Logitscope.Charts.Rendering;

/// <summary>Title and subtitle, broken into lines that fit the figure.</summary>
internal sealed class Header
{
    private const double Top = 12;

    // plotly's distance between the lines of one title.
    private const double Line = 1.3 * Theme.TitleSize;

    private readonly IReadOnlyList<string> _title;
    private readonly IReadOnlyList<string> _subtitle;

    public Header(Figure figure, double room)
    {
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
