using System.Text.Json;
using System.Text.Json.Nodes;

namespace Logitscope;

/// <summary>What all figures share of plotly's data, layout and config.</summary>
internal static class PlotlySpec
{
    /// <summary>The figure as JSON. The default encoder escapes &lt;, &gt; and &amp;: no token ends a script.</summary>
    public static string Serialize(ChartFigure figure, IFigureRenderer renderer) => new JsonObject
    {
        ["data"] = renderer.Traces(),
        ["layout"] = renderer.Layout(),
        ["config"] = new JsonObject
        {
            ["displaylogo"] = false,
            // plotly 4 offers to upload the chart unless told not to.
            ["showSendToCloud"] = false,
            ["responsive"] = renderer.Shrinks,
            // A token like $x$ is no formula.
            ["typesetMath"] = false,
            ["modeBarButtonsToRemove"] = Array("select2d", "lasso2d", "autoScale2d"),
            ["toImageButtonOptions"] = new JsonObject { ["filename"] = Download.FileName(figure.Title), ["scale"] = 2 },
        },
    }.ToJsonString(JsonSerializerOptions.Default);

    /// <summary>Text for plotly, which reads a subset of HTML in every label.</summary>
    public static string Text(string text) =>
        Label.Printable(text).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    /// <summary>Lines of text for plotly.</summary>
    public static string Text(IEnumerable<string> lines) => string.Join("<br>", lines.Select(Text));

    public static JsonObject Font(double size, string color, int weight = 400) =>
        new() { ["family"] = Theme.Fonts, ["size"] = size, ["color"] = color, ["weight"] = weight };

    public static JsonObject AxisTitle(string title) =>
        new() { ["text"] = Text(title), ["font"] = Font(Theme.TextSize, Theme.Ink), ["standoff"] = 12 };

    /// <summary>A line of text at the left edge of the plot.</summary>
    /// <param name="text">Plain text.</param>
    /// <param name="size">The size of its font.</param>
    /// <param name="edge">0: at the foot of the plot. 1: at its top.</param>
    /// <param name="below">Where its upper edge is, in pixels below that edge.</param>
    public static JsonObject Note(string text, double size, int edge, double below) => new()
    {
        ["text"] = Text(text),
        ["font"] = Font(size, Theme.Ink),
        ["showarrow"] = false,
        ["xref"] = "paper",
        ["x"] = 0,
        ["xanchor"] = "left",
        ["yref"] = "paper",
        ["y"] = edge,
        ["yanchor"] = "top",
        ["yshift"] = -below,
        ["borderpad"] = 0,
    };

    public static JsonArray Array<T>(params IEnumerable<T> values) =>
        [.. values.Select(value => (JsonNode?)JsonValue.Create(value))];

    /// <summary>The layout without its axes.</summary>
    public static JsonObject Layout(Header header, double height, Margins margins) => new()
    {
        ["title"] = header.Plotly(),
        ["height"] = height,
        ["margin"] = new JsonObject
        {
            ["l"] = margins.Left,
            ["r"] = margins.Right,
            ["t"] = margins.Top,
            ["b"] = margins.Bottom,
            ["autoexpand"] = false,
        },
        ["font"] = Font(Theme.TextSize, Theme.Ink),
        ["paper_bgcolor"] = Theme.Paper,
        ["plot_bgcolor"] = Theme.Paper,
        ["modebar"] = new JsonObject
        {
            ["bgcolor"] = Theme.Paper,
            ["color"] = Theme.Frame,
            ["activecolor"] = Theme.Ink,
        },
        ["hoverlabel"] = new JsonObject
        {
            ["align"] = "left",
            ["bgcolor"] = Theme.Paper,
            ["bordercolor"] = Theme.Frame,
            ["font"] = Font(Theme.TextSize, Theme.Ink),
        },
    };
}
