using System.Xml.Linq;

namespace Logitscope;

/// <summary>
/// The look of every figure. The paper is white in dark surroundings too: the colours of the reference chart and of the
/// scales are chosen against white, and a saved notebook cannot know where it will be read.
/// </summary>
internal static class Theme
{
    public const string Paper = "#ffffff";
    public const string Ink = "#1f2328";
    public const string Quiet = "#59636e";
    public const string Grid = "#e7eaee";
    public const string Frame = "#8c959f";
    public const string Fonts = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif";

    public const double TitleSize = 15;
    public const double TextSize = 12;
    public const double TickSize = 11;

    /// <summary>The opacity of a 95 % band: three on top of each other still show the lines.</summary>
    public const double BandOpacity = 0.14;

    public const double LineWidth = 2.2;
}

/// <summary>The space around a plot, in pixels.</summary>
internal sealed record Margins(double Left, double Right, double Top, double Bottom);

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
        Dash.None => "solid", // never drawn
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
