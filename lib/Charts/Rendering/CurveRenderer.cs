using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Logitscope;

/// <summary>Draws lines and their bands.</summary>
internal sealed class CurveRenderer : IFigureRenderer
{
    private const double Right = 24;
    private const double Left = 64;
    private const double Bottom = 54;
    private const double PlotHeight = 330;
    private const double PlotWidth = 672;

    private readonly CurveFigure _figure;
    private readonly Header _header;
    private readonly Legend _legend;
    private readonly IReadOnlyList<DirectLabel> _labels;

    public CurveRenderer(CurveFigure figure)
    {
        _figure = figure;
        _header = new Header(figure, PlotWidth);
        _legend = new Legend(figure.Curves, PlotWidth);
        _labels = DirectLabel.Place(
            [.. figure.Curves.Select(curve => (curve, curve.Points.Select(point => (X(point.X), Y(point.Y.Mean))).ToArray()))],
            new Box(Left, Top, Left + PlotWidth, Top + PlotHeight));
    }

    public double Width => Left + PlotWidth + Right;

    public bool Shrinks => true;

    private double Top => _header.Height + _legend.Height;

    private double Height => Top + PlotHeight + Bottom;

    public XElement Picture() => Svg.Root(Width, Height, _figure.Title,
        _header.Lines(Left),
        _legend.Picture(Left, _header.Height),
        Frame(),
        _figure.Curves.Select(Band),
        _figure.Curves.Select(Line),
        _labels.Select(label => Svg.Text(
            label.X, label.Baseline, label.Curve.Name, Theme.TextSize, Rgb.Legible(label.Curve.Look.Color), more: Svg.Attribute("class", "name"))));

    public JsonArray Traces() =>
        [.. _figure.Curves.SelectMany(PlotlyBand), .. _figure.Curves.Select(PlotlyLine), .. _labels.Select(PlotlyName)];

    public JsonObject Layout()
    {
        var layout = PlotlySpec.Layout(_header, Height, new Margins(Left, Right, Top, Bottom));
        layout["xaxis"] = PlotlyAxis(_figure.X, gridded: false);
        layout["yaxis"] = PlotlyAxis(_figure.Y, gridded: true);
        layout["xaxis"]!["unifiedhovertitle"] =
            new JsonObject { ["text"] = PlotlySpec.Text(_figure.X.Title) + " %{x}" };
        layout["hovermode"] = "x unified";
        layout["legend"] = _legend.Plotly(PlotHeight);
        return layout;
    }

    public Table Overview()
    {
        if (_figure.Curves.Any(curve => curve.Look.Dash == Dash.None))
        {
            return Table.Of(
                _figure.Curves, ("points", curve => curve.Name), ("n", curve => curve.Points.Count),
                (_figure.X.Title, curve => Range(curve.Points.Select(point => point.X))),
                (_figure.Y.Title, curve => Range(curve.Points.Select(point => point.Y.Mean))));
        }

        var values = _figure.Curves
            .Select(curve => curve.Points.ToDictionary(point => point.X, point => point.Y.Mean)).ToArray();
        var places = values.SelectMany(curve => curve.Keys).Distinct().Order();
        return new Table(
            [_figure.X.Title, .. _figure.Curves.Select(curve => curve.Name)],
            [.. places.Select(x => (object?[])
                [TickText(x), .. values.Select(curve => curve.TryGetValue(x, out var y) ? (object)y : null)])]);
    }

    private static string Range(IEnumerable<double> values) => $"{Numbers.Short(values.Min())} to {Numbers.Short(values.Max())}";

    public Table Marks() => Table.Of(
        _figure.Curves.SelectMany(curve => curve.Points, (curve, point) => (curve.Name, Point: point)),
        ("curve", mark => mark.Name),
        (_figure.X.Title, mark => mark.Point.X),
        (_figure.Y.Title, mark => mark.Point.Y.Mean),
        ("low_95", mark => mark.Point.Y.HasEnds ? mark.Point.Y.Low : null),
        ("high_95", mark => mark.Point.Y.HasEnds ? mark.Point.Y.High : null));

    private double X(double value) => Left + (value - _figure.X.Min) / (_figure.X.Max - _figure.X.Min) * PlotWidth;

    private double Y(double value) => Top + (_figure.Y.Max - value) / (_figure.Y.Max - _figure.Y.Min) * PlotHeight;

    private XElement Frame()
    {
        var foot = Top + PlotHeight;
        return Svg.Group(
            _figure.Y.Ticks().Select(tick => new[]
            {
                Svg.Line(Left, Y(tick), Left + PlotWidth, Y(tick), Theme.Grid, 1),
                Svg.Text(Left - 8, Y(tick) + 4, TickText(tick), Theme.TickSize, Theme.Quiet, "end"),
            }),
            _figure.X.Ticks().Select(tick => new[]
            {
                Svg.Line(X(tick), foot, X(tick), foot + 5, Theme.Frame, 1),
                Svg.Text(X(tick), foot + 18, TickText(tick), Theme.TickSize, Theme.Quiet, "middle"),
            }),
            Svg.Line(Left, foot, Left + PlotWidth, foot, Theme.Frame, 1),
            Svg.Text(Left + PlotWidth / 2, foot + 42, _figure.X.Title, Theme.TextSize, Theme.Ink, "middle"),
            Svg.Upwards(18, Top + PlotHeight / 2, _figure.Y.Title));
    }

    private XElement? Band(Curve curve)
    {
        var outline = Outline(curve);
        return outline.Count == 0 ? null : Svg.Element("path", Svg.Attribute("class", "band"),
            Svg.Attribute("d", Path(outline.Select(point => (point.X, Within(point.Y)))) + "Z"),
            Svg.Attribute("fill", curve.Look.Color), Svg.Attribute("fill-opacity", Theme.BandOpacity));
    }

    private XElement Line(Curve curve) => Svg.Group(
        IsDotted(curve) ? curve.Points.SelectMany(point => Dot(curve, point)) : Svg.Element("path", Svg.Attribute("class", "line"),
            Svg.Attribute("d", Path(curve.Points.Select(point => (point.X, point.Y.Mean)))),
            Svg.Attribute("fill", "none"), LineStyles.Stroke(curve.Look)),
        curve.Points.Select(point => Svg.Circle(X(point.X), Y(point.Y.Mean), 7, "none",
            Svg.Attribute("pointer-events", "all"),
            Svg.Hover($"{curve.Name}, {_figure.X.Title} {TickText(point.X)}: {point.Hover}"))));

    // A line and a band would not show one point.
    private static bool IsDotted(Curve curve) => curve.Points.Count == 1 || curve.Look.Dash == Dash.None;

    /// <summary>A point by itself, with a whisker as its interval.</summary>
    private IEnumerable<XElement?> Dot(Curve curve, CurvePoint point)
    {
        yield return !point.Y.HasEnds ? null : Svg.Line(X(point.X), Y(Within(point.Y.Low)), X(point.X),
            Y(Within(point.Y.High)), curve.Look.Color, Theme.LineWidth, Svg.Attribute("class", "whisker"));
        yield return Svg.Circle(X(point.X), Y(point.Y.Mean), 4, curve.Look.Color, Svg.Attribute("class", "line"));
    }

    private double Within(double value) => Math.Clamp(value, _figure.Y.Min, _figure.Y.Max);

    /// <summary>Along the upper bounds and back along the lower ones; empty where no area is between them.</summary>
    private static IReadOnlyList<(double X, double Y)> Outline(Curve curve)
    {
        var banded = curve.Points.Where(point => point.Y.HasEnds).ToArray();
        return IsDotted(curve) ? [] :
        [
            .. banded.Select(point => (point.X, point.Y.High)),
            .. banded.Reverse().Select(point => (point.X, point.Y.Low)),
        ];
    }

    private string Path(IEnumerable<(double X, double Y)> points) =>
        "M" + string.Join('L', points.Select(point => $"{Svg.Number(X(point.X))} {Svg.Number(Y(point.Y))}"));

    private static string TickText(double tick) => $"{tick:0.######}";

    private static IEnumerable<JsonObject> PlotlyBand(Curve curve)
    {
        var outline = Outline(curve);
        if (outline.Count > 0)
        {
            yield return new JsonObject
            {
                ["type"] = "scatter",
                ["mode"] = "lines",
                ["name"] = PlotlySpec.Text(curve.Name),
                ["x"] = PlotlySpec.Array(outline.Select(point => point.X)),
                ["y"] = PlotlySpec.Array(outline.Select(point => point.Y)),
                ["fill"] = "toself",
                ["fillcolor"] = LineStyles.Transparent(curve.Look.Color, Theme.BandOpacity),
                ["line"] = new JsonObject { ["color"] = curve.Look.Color, ["width"] = 0 },
                ["legendgroup"] = PlotlySpec.Text(curve.Name),
                ["showlegend"] = false,
                ["hoverinfo"] = "skip",
            };
        }
    }

    private static JsonObject PlotlyLine(Curve curve)
    {
        var trace = new JsonObject
        {
            ["type"] = "scatter",
            ["mode"] = "lines",
            ["name"] = PlotlySpec.Text(curve.Name),
            ["x"] = PlotlySpec.Array(curve.Points.Select(point => point.X)),
            ["y"] = PlotlySpec.Array(curve.Points.Select(point => point.Y.Mean)),
            ["line"] = new JsonObject
            {
                ["color"] = curve.Look.Color,
                ["dash"] = LineStyles.PlotlyDash(curve.Look.Dash),
                ["width"] = Theme.LineWidth,
            },
            ["legendgroup"] = PlotlySpec.Text(curve.Name),
            ["hovertext"] = PlotlySpec.Array(
                curve.Points.Select(point => PlotlySpec.Text($"{curve.Name}: {point.Hover}"))),
            ["hovertemplate"] = "%{hovertext}<extra></extra>",
        };
        if (IsDotted(curve))
        {
            AddDots(trace, curve);
        }

        return trace;
    }

    // A trace and no annotation: it goes with its line when that is hidden.
    private JsonObject PlotlyName(DirectLabel label)
    {
        var (x, y) = (label.X + (label.Width / 2), label.Baseline - (0.35 * Theme.TextSize));
        return new JsonObject
        {
            ["type"] = "scatter",
            ["mode"] = "text",
            ["name"] = PlotlySpec.Text(label.Curve.Name),
            ["x"] = PlotlySpec.Array(_figure.X.Min + ((x - Left) / PlotWidth * (_figure.X.Max - _figure.X.Min))),
            ["y"] = PlotlySpec.Array(_figure.Y.Max - ((y - Top) / PlotHeight * (_figure.Y.Max - _figure.Y.Min))),
            ["text"] = PlotlySpec.Text(label.Curve.Name),
            ["textfont"] = PlotlySpec.Font(Theme.TextSize, Rgb.Legible(label.Curve.Look.Color)),
            ["legendgroup"] = PlotlySpec.Text(label.Curve.Name),
            ["showlegend"] = false,
            ["hoverinfo"] = "skip",
        };
    }

    private static void AddDots(JsonObject trace, Curve curve)
    {
        trace["mode"] = "markers";
        trace["marker"] = new JsonObject { ["color"] = curve.Look.Color, ["size"] = 8 };
        if (curve.Points.Any(point => point.Y.HasEnds))
        {
            double[] Ends(Func<Interval, double> end) => [.. curve.Points.Select(point => point.Y.HasEnds ? end(point.Y) : 0)];
            trace["error_y"] = new JsonObject
            {
                ["array"] = PlotlySpec.Array(Ends(value => value.High - value.Mean)),
                ["arrayminus"] = PlotlySpec.Array(Ends(value => value.Mean - value.Low)),
                ["color"] = curve.Look.Color,
                ["thickness"] = Theme.LineWidth,
                ["width"] = 0,
            };
        }
    }

    /// <summary>A gridded axis has lines across the plot; the other has ticks and a line of its own.</summary>
    private static JsonObject PlotlyAxis(Axis axis, bool gridded) => new()
    {
        ["title"] = PlotlySpec.AxisTitle(axis.Title),
        ["range"] = PlotlySpec.Array(axis.Min, axis.Max),
        ["tick0"] = 0,
        ["dtick"] = axis.Step,
        ["tickfont"] = PlotlySpec.Font(Theme.TickSize, Theme.Quiet),
        ["ticks"] = gridded ? "" : "outside",
        ["ticklen"] = 5,
        ["tickcolor"] = Theme.Frame,
        ["showline"] = !gridded,
        ["linecolor"] = Theme.Frame,
        ["showgrid"] = gridded,
        ["gridcolor"] = Theme.Grid,
        ["showspikes"] = !gridded,
        ["spikecolor"] = Theme.Frame,
        ["spikethickness"] = 1,
        ["zeroline"] = false,
    };
}
