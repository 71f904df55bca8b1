using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Logitscope.Charts.Rendering;

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
