using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Logitscope;

/// <summary>Draws a grid of cells with words.</summary>
internal sealed class HeatRenderer : IFigureRenderer
{
    private readonly HeatFigure _figure;
    private readonly HeatLayout _at;
    private readonly ColorBar _bar;

    public HeatRenderer(HeatFigure figure)
    {
        _figure = figure;
        _at = new HeatLayout(figure);
        _bar = new ColorBar(figure.Scale);
    }

    public double Width => _at.Width;

    // Words need their room.
    public bool Shrinks => false;

    public XElement Picture() => Svg.Root(_at.Width, _at.Height, _figure.Title,
        _at.Header.Lines(_at.Left),
        _bar.Picture(_at.Left, _at.BarTop),
        Frame(),
        Svg.Group(Svg.Attribute("font-size", _at.TextSize), Svg.Attribute("text-anchor", "middle"),
            _figure.Cells.Select(Cell)));

    public JsonArray Traces() => [PlotlyCells(), PlotlyWords()];

    public JsonObject Layout()
    {
        var layout = PlotlySpec.Layout(_at.Header, _at.Height,
            new Margins(_at.Left, _at.RightMargin, _at.Top, _at.Bottom));
        layout["width"] = _at.Width;
        layout["xaxis"] = PlotlyAxis(_figure.Columns, _at.CellWidth - 4, PlotlySpec.Font(_at.TextSize, Theme.Ink), 2);
        layout["yaxis"] = PlotlyAxis(_figure.Rows, _at.RowLabelRoom, PlotlySpec.Font(Theme.TickSize, Theme.Quiet), 6);
        layout["yaxis"]!["title"] = PlotlySpec.AxisTitle(_figure.Rows.Title);
        // At the left, where a wide map shows it before it is scrolled.
        layout["annotations"] = new JsonArray(_bar.PlotlyName(),
            PlotlySpec.Note(_figure.Columns.Title, Theme.TextSize, edge: 0, below: _at.Bottom - 28));
        return layout;
    }

    public Table Overview()
    {
        var words = _figure.Cells.ToDictionary(cell => (cell.Row, cell.Column), cell => cell.Text);
        return new Table(
            ["", .. _figure.Columns.Labels.Select(label => label.Text)],
            [.. _figure.Rows.Labels.Index().Reverse().Select(row => (object?[])
            [
                row.Item.Text,
                .. _figure.Columns.Labels.Select((_, column) => words.GetValueOrDefault((row.Index, column))),
            ])]);
    }

    public Table Marks() => Table.Of(
        _figure.Cells,
        (_figure.Columns.Title, cell => _figure.Columns.Labels[cell.Column].Text),
        (_figure.Rows.Title, cell => _figure.Rows.Labels[cell.Row].Text),
        (_figure.Scale.Title, cell => cell.Value),
        ("text", cell => cell.Text));

    public (double Top, XElement Axis)? StaysInSight()
    {
        var axis = Svg.Root(_at.Left - 4, _at.PlotHeight, _figure.Rows.Title, RowLabels(-_at.Top));
        axis.Add(Svg.Attribute("style", "display:block"));
        return (_at.Top, axis);
    }

    private XElement RowLabels(double down) => Svg.Group(
        _figure.Rows.Labels.Select((label, row) => Svg.Text(_at.Left - 8, _at.MiddleY(row) + 4 + down,
            TextWidth.Fit(label.Text, _at.RowLabelRoom, Theme.TickSize), Theme.TickSize, Theme.Quiet, "end")),
        Svg.Upwards(18, _at.Top + _at.PlotHeight / 2 + down, _figure.Rows.Title));

    private XElement Frame() => Svg.Group(
        RowLabels(0),
        _figure.Columns.Labels.Select((label, column) => new[]
        {
            Svg.Text(_at.MiddleX(column), _at.Foot + 15, _at.Fit(label.Text), _at.TextSize, Theme.Ink, "middle"),
            Svg.Text(_at.MiddleX(column), _at.Foot + 28, label.Note, 10, Theme.Quiet, "middle"),
        }),
        Svg.Text(_at.Left, _at.Height - 14, _figure.Columns.Title, Theme.TextSize, Theme.Ink));

    private XElement Cell(HeatCell cell)
    {
        var (x, y) = (_at.MiddleX(cell.Column), _at.MiddleY(cell.Row));
        return Svg.Group(Svg.Attribute("class", "cell"),
            Svg.Hover(cell.Hover),
            Svg.Rect(x - _at.CellWidth / 2 + 0.5, y - _at.CellHeight / 2 + 0.5, _at.CellWidth - 1, _at.CellHeight - 1,
                _figure.Scale.At(cell.Value)),
            // The group has size and anchor: a map has thousands of words.
            cell.Text.Length == 0 ? null : Svg.Element("text", Svg.Attribute("x", x), Svg.Attribute("y", y + 4),
                Svg.Attribute("fill", _figure.Scale.InkAt(cell.Value)), _at.Fit(cell.Text)));
    }

    private JsonObject PlotlyCells()
    {
        var places = _figure.Cells.ToDictionary(cell => (cell.Row, cell.Column));
        return new JsonObject
        {
            ["type"] = "heatmap",
            ["z"] = Grid(cell => JsonValue.Create(Math.Clamp(cell.Value, _figure.Scale.Min, _figure.Scale.Max))),
            ["hovertext"] = Grid(cell => JsonValue.Create(PlotlySpec.Text(cell.Hover))),
            ["hoverinfo"] = "text",
            ["hoverongaps"] = false,
            ["zmin"] = _figure.Scale.Min,
            ["zmax"] = _figure.Scale.Max,
            ["colorscale"] = new JsonArray([.. _figure.Scale.Stops.Select((color, index) =>
                new JsonArray((double)index / (_figure.Scale.Stops.Count - 1), color))]),
            ["colorbar"] = _bar.Plotly(_at.PlotHeight),
            ["xgap"] = 1,
            ["ygap"] = 1,
        };

        JsonArray Grid(Func<HeatCell, JsonNode?> value) => [.. Enumerable.Range(0, _figure.Rows.Labels.Count)
            .Select(row => new JsonArray([.. Enumerable.Range(0, _figure.Columns.Labels.Count)
                .Select(column => places.TryGetValue((row, column), out var cell) ? value(cell) : null)]))];
    }

    /// <summary>The words, as their own trace: a heat map's own text picks an ink of less contrast.</summary>
    private JsonObject PlotlyWords() => new()
    {
        ["type"] = "scatter",
        ["mode"] = "text",
        ["x"] = PlotlySpec.Array(_figure.Cells.Select(cell => cell.Column)),
        ["y"] = PlotlySpec.Array(_figure.Cells.Select(cell => cell.Row)),
        ["text"] = PlotlySpec.Array(_figure.Cells.Select(cell => PlotlySpec.Text(_at.Fit(cell.Text)))),
        ["textfont"] = new JsonObject
        {
            ["family"] = Theme.Fonts,
            ["size"] = _at.TextSize,
            ["color"] = PlotlySpec.Array(_figure.Cells.Select(cell => _figure.Scale.InkAt(cell.Value))),
        },
        ["hoverinfo"] = "skip",
        ["showlegend"] = false,
    };

    private static JsonObject PlotlyAxis(HeatAxis axis, double room, JsonObject font, int standoff) => new()
    {
        ["range"] = PlotlySpec.Array(-0.5, axis.Labels.Count - 0.5),
        ["tickvals"] = PlotlySpec.Array(Enumerable.Range(0, axis.Labels.Count)),
        ["ticktext"] = PlotlySpec.Array(axis.Labels.Select(label => TickText(label, room, (double)font["size"]!))),
        ["tickfont"] = font,
        ["ticks"] = "",
        ["ticklabelstandoff"] = standoff,
        ["tickangle"] = 0,
        ["showgrid"] = false,
        ["zeroline"] = false,
    };

    private static string TickText(HeatLabel label, double room, double size)
    {
        var text = PlotlySpec.Text(TextWidth.Fit(label.Text, room, size));
        return label.Note.Length == 0 ? text
            : $"{text}<br><span style=\"color:{Theme.Quiet};font-size:10px\">{PlotlySpec.Text(label.Note)}</span>";
    }
}
