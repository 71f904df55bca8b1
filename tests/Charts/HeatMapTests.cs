using System.Text.Json.Nodes;
using System.Xml.Linq;
using static TorchSharp.torch;

namespace Logitscope.Tests.Charts;

public class HeatMapTests
{
    [Fact]
    public void A_tensor_is_drawn_with_row_0_at_the_bottom_and_changes_around_0()
    {
        var figure = HeatFigure.Of(tensor(new[,] { { 0.5f, -1 }, { 2, 0 }, { 1, 1 } }), columns: ["the", "cat"], title: "weights");

        Assert.Equal([0.5, -1, 2, 0, 1, 1], figure.Cells.Select(cell => cell.Value));
        Assert.Equal([(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)], figure.Cells.Select(cell => (cell.Column, cell.Row)));
        Assert.Equal((-2, 2), (figure.Scale.Min, figure.Scale.Max));
        Assert.Equal(["row 1, the", "2"], figure.Cells[2].Hover);
        Assert.Equal((0, 1), HeatFigure.Of(eye(2)) is var pattern ? (pattern.Scale.Min, pattern.Scale.Max) : default);
    }

    [Fact]
    public void What_is_no_matrix_of_numbers_is_refused()
    {
        Assert.Contains("[row, column], got", Assert.Throws<ChartException>(() => HeatFigure.Of(zeros(3))).Message);
        Assert.Contains("[row, column], got", Assert.Throws<ChartException>(() => HeatFigure.Of(zeros([2, 2], int64))).Message);
        Assert.Equal(
            "A heat map needs numbers, got NaN in row 1.",
            Assert.Throws<ChartException>(() => HeatFigure.Of(tensor(new[,] { { 0.5 }, { double.NaN } }))).Message);
        Assert.Equal(
            "A heat map needs a label a row, 2 of them, got 1.",
            Assert.Throws<ChartException>(() => HeatFigure.Of(eye(2), rows: ["one"])).Message);
    }

    private static readonly Prediction s_warsaw = new(
        [new("·Warsaw", .5), new("·Poland", .25), new("·Libya", .125), new("·a", .06), new("·b", .05), new("·c", .01)],
        Entropy: 1.5);

    [Fact]
    public void Layer_0_is_at_the_bottom_in_both_twins()
    {
        var figure = TokenHeatMap.Draw(["x"], [Reading(0, 0), Reading(1, 0)]);

        Assert.Equal(["0", "1"], figure.Rows.Labels.Select(label => label.Text));
        var axis = JsonNode.Parse(figure.ToPlotlyJson())!["layout"]!["yaxis"]!;
        Assert.Equal([-.5, 1.5], axis["range"]!.AsArray().Select(end => (double)end!));
        var heights = Cells(figure).Select(cell => double.Parse(Rect(cell, "y"))).ToArray();
        Assert.True(heights[0] > heights[1], "SVG counts y downwards");
    }

    [Fact]
    public void Repeated_tokens_stay_separate_columns()
    {
        var figure = TokenHeatMap.Draw(["the", "the", "the"], [Reading(0, 0), Reading(0, 1), Reading(0, 2)]);

        var spec = JsonNode.Parse(figure.ToPlotlyJson())!;
        Assert.Equal([0, 1, 2], spec["layout"]!["xaxis"]!["tickvals"]!.AsArray().Select(tick => (int)tick!));
        Assert.All(spec["layout"]!["xaxis"]!["ticktext"]!.AsArray(),
            text => Assert.StartsWith("the<br>", (string)text!));
        Assert.Equal(3, spec["data"]![0]!["z"]![0]!.AsArray().Count);
        Assert.Equal(3, Cells(figure).Select(cell => Rect(cell, "x")).Distinct().Count());
    }

    [Fact]
    public void Pointing_at_a_cell_shows_the_top_five_and_the_entropy()
    {
        var figure = TokenHeatMap.Draw(["is"], [Reading(3, 0)]);
        string[] lines =
        [
            "layer 3, position 0, token is", "0.500  ·Warsaw", "0.250  ·Poland", "0.125  ·Libya", "0.060  ·a",
            "0.050  ·b", "entropy 1.500 nats",
        ];

        Assert.Equal(string.Join('\n', lines), Cells(figure).Single().Element(Svg("title"))!.Value);
        var heat = JsonNode.Parse(figure.ToPlotlyJson())!["data"]![0]!;
        Assert.Equal(string.Join("<br>", lines), (string)heat["hovertext"]![0]![0]!);
    }

    [Fact]
    public void Colours_agree_between_the_twins_and_carry_their_name()
    {
        var figure = TokenHeatMap.Draw(["is"], [Reading(0, 0)]);
        var heat = JsonNode.Parse(figure.ToPlotlyJson())!["data"]![0]!;

        Assert.Equal((0d, 1d, .5), ((double)heat["zmin"]!, (double)heat["zmax"]!, (double)heat["z"]![0]![0]!));
        Assert.Equal((string)heat["colorscale"]![4]![1]!, Rect(Cells(figure).Single(), "fill"));
        Assert.Contains("probability of the top token", figure.ToSvg());
        Assert.Contains("probability of the top token", figure.ToPlotlyJson());
    }

    [Fact]
    public void A_chosen_value_colours_the_cell_and_is_named()
    {
        var scale = ColorScale.Amount("surprisal of the answer (nats)", 4);

        var figure = TokenHeatMap.Draw(["is"], [Reading(0, 0) with { Value = 3 }], scale: scale);

        Assert.Equal(3, (double)JsonNode.Parse(figure.ToPlotlyJson())!["data"]![0]!["z"]![0]![0]!);
        Assert.EndsWith("surprisal of the answer (nats) 3.000", Cells(figure).Single().Element(Svg("title"))!.Value);
        Assert.StartsWith("layer,position,token,surprisal of the answer (nats),token_1,p_1,", figure.ToCsv());
    }

    [Fact]
    public void A_value_without_a_scale_and_a_scale_without_a_value_are_errors()
    {
        var scale = ColorScale.Amount("KL (nats)", 4);

        Assert.Contains("needs a colour scale that names it",
            Assert.Throws<ChartException>(() => TokenHeatMap.Draw(["is"], [Reading(0, 0) with { Value = 3 }])).Message);
        Assert.Contains("'KL (nats)' needs a value for every cell, got none at layer 0, position 0",
            Assert.Throws<ChartException>(() => TokenHeatMap.Draw(["is"], [Reading(0, 0)], scale: scale)).Message);
    }

    [Fact]
    public void Places_without_a_reading_stay_blank_and_skipped_layers_take_no_room()
    {
        var figure = TokenHeatMap.Draw(["a", "b"], [Reading(0, 0), Reading(5, 1)]);
        var z = JsonNode.Parse(figure.ToPlotlyJson())!["data"]![0]!["z"]!;

        Assert.Equal(["0", "5"], figure.Rows.Labels.Select(label => label.Text));
        Assert.Null(z[0]![1]);
        Assert.Null(z[1]![0]);
        Assert.Equal(2, Cells(figure).Length);
    }

    [Fact]
    public void The_CSV_has_one_row_a_cell_with_the_whole_tokens()
    {
        var figure = TokenHeatMap.Draw([",\n"], [new(2, 0, new Prediction([new("\"", .75), new("b", .25)], .5))]);

        Assert.Equal("layer,position,token,token_1,p_1,token_2,p_2,token_3,p_3,token_4,p_4,token_5,p_5,entropy_nats\n"
            + "2,0,\",\n\",\"\"\"\",0.75,b,0.25,,,,,,,0.5\n", figure.ToCsv());
    }

    [Fact]
    public void The_plain_text_is_the_grid_with_the_last_layer_on_top()
    {
        var text = TokenHeatMap.Draw(["is", "漢"], [Reading(0, 0), Reading(1, 1)], title: "T").ToText();

        Assert.Equal("T\n   is       漢\n1           ·Warsaw\n0  ·Warsaw", text);
    }

    [Fact]
    public void A_patch_map_has_source_layers_upwards_and_target_layers_across()
    {
        var figure = PatchHeatMap.Draw([new(0, 4, s_warsaw), new(0, 6, s_warsaw), new(2, 4, s_warsaw)]);

        Assert.Equal(["0", "2"], figure.Rows.Labels.Select(label => label.Text));
        Assert.Equal(["4", "6"], figure.Columns.Labels.Select(label => label.Text));
        Assert.StartsWith("source layer", figure.Rows.Title);
        Assert.StartsWith("source_layer,target_layer,token_1", figure.ToCsv());
        Assert.Equal("source layer 2, target layer 4",
            figure.Cells.Single(cell => (cell.Column, cell.Row) == (0, 1)).Hover[0]);
    }

    [Fact]
    public void Readings_that_cannot_be_placed_are_errors()
    {
        Assert.Contains("got none", Assert.Throws<ChartException>(() => TokenHeatMap.Draw(["a"], [])).Message);
        Assert.Contains("got none", Assert.Throws<ChartException>(() => PatchHeatMap.Draw([])).Message);
        Assert.Contains("positions 0 to 0, got a reading at position 1, layer 7",
            Assert.Throws<ChartException>(() => TokenHeatMap.Draw(["a"], [Reading(7, 1)])).Message);
        Assert.Contains("got 2 at layer 7, position 0",
            Assert.Throws<ChartException>(() => TokenHeatMap.Draw(["a"], [Reading(7, 0), Reading(7, 0)])).Message);
        Assert.Contains("got no tokens at source layer 1, target layer 2",
            Assert.Throws<ChartException>(() => PatchHeatMap.Draw([new(1, 2, new([], 0))])).Message);
    }

    [Fact]
    public void A_hand_made_map_with_a_cell_outside_says_where()
    {
        var figure = Samples.Patch(2) with { Cells = [new HeatCell(5, 0, .5, "x", [])] };

        Assert.Contains("2 columns and 2 rows got a cell in column 5, row 0",
            Assert.Throws<ChartException>(figure.ToSvg).Message);
    }

    [Fact]
    public void A_long_token_is_cut_in_its_cell_and_whole_on_hover()
    {
        var token = new string('m', 400);
        var figure = TokenHeatMap.Draw([token], [new TokenReading(0, 0, new Prediction([new(token, 1)], 0))]);
        var cell = Cells(figure).Single();

        Assert.EndsWith("m…", cell.Element(Svg("text"))!.Value);
        Assert.InRange(cell.Element(Svg("text"))!.Value.Length, 5, 20);
        Assert.Contains(token, cell.Element(Svg("title"))!.Value);
    }

    private static TokenReading Reading(int layer, int position) => new(layer, position, s_warsaw);

    private static XName Svg(string name) => XName.Get(name, "http://www.w3.org/2000/svg");

    private static XElement[] Cells(ChartFigure figure) => [.. XDocument.Parse(figure.ToSvg()).Descendants(Svg("g"))
        .Where(group => (string?)group.Attribute("class") == "cell")];

    private static string Rect(XElement cell, string attribute) =>
        (string)cell.Element(Svg("rect"))!.Attribute(attribute)!;
}
