using System.Xml.Linq;

namespace Logitscope.Charts.Rendering;

/// <summary>Dashes and colours in the words of plotly and of SVG.</summary>
internal static class LineStyles
{
    public static string PlotlyDash(Dash dash) => dash switch
    {
        Dash.Solid => "solid",
        Dash.Dashed => "dash",
        Dash.Dotted => "dot",
        Dash.DashDot => "dashdot",
        Dash.LongDash => "longdash",
        _ => throw new ArgumentOutOfRangeException(nameof(dash), dash, null),
    };

    /// <summary>The attributes of a stroke.</summary>
    public static XAttribute[] Stroke(LineLook look)
    {
        XAttribute[] stroke =
        [
            Svg.Attribute("stroke", look.Color), Svg.Attribute("stroke-width", Theme.LineWidth),
            Svg.Attribute("stroke-linejoin", "round"),
        ];
        return look.Dash == Dash.Solid ? stroke : [.. stroke, Svg.Attribute("stroke-dasharray", SvgDash(look.Dash))];
    }

    public static string Transparent(string color, double opacity) =>
        $"rgba({string.Join(',', Rgb.Channels(color))},{opacity})";

    private static string SvgDash(Dash dash) => dash switch
    {
        Dash.Dashed => "8 4",
        Dash.Dotted => "2.2 2.6",
        Dash.DashDot => "9 3 2.2 3",
        Dash.LongDash => "14 4",
        _ => throw new ArgumentOutOfRangeException(nameof(dash), dash, null),
    };
}
