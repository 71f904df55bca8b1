using System.Text.Json.Nodes;
using Interval = Logitscope.Interval;

namespace Logitscope.Tests.Charts;

public class LayerCurvesTests
{
    [Fact]
    public void The_three_methods_of_the_reference_keep_its_colours_and_dashes()
    {
        var looks = Samples.Precision().Curves.ToDictionary(curve => curve.Name, curve => curve.Look);

        Assert.Equal(new LineLook("#1f77b4", Dash.Dashed), looks["logit-lens"]);
        Assert.Equal(new LineLook("#2ca02c", Dash.Dotted), looks["token-identity"]);
        Assert.Equal(new LineLook("#9467bd", Dash.DashDot), looks["logitscope"]);
    }

    [Fact]
    public void Twenty_eight_methods_look_different_from_each_other()
    {
        string[] methods =
            ["logit-lens", "token-identity", "logitscope", .. Enumerable.Range(0, 25).Select(i => $"method {i}")];

        var figure = LayerCurves.Draw(LayerMetric.PrecisionAt1,
            methods.Select(method => new LayerScore(method, 0, Interval.Open(0), 1)));

        Assert.Equal(28, figure.Curves.Select(curve => curve.Look).Distinct().Count());
    }

    [Fact]
    public void Plotly_gets_a_band_and_a_line_a_method_under_one_legend_entry()
    {
        var spec = JsonNode.Parse(Samples.Precision().ToPlotlyJson())!;
        var data = spec["data"]!.AsArray();
        var (bands, lines, names) = (data.Take(3).ToArray(), data.Skip(3).Take(3).ToArray(), data.Skip(6).ToArray());

        Assert.Equal(3, names.Length);
        Assert.All(bands, band => Assert.Equal(("toself", false), ((string)band!["fill"]!, (bool)band["showlegend"]!)));
        Assert.All(bands, band => Assert.Equal(2 * 28, band!["x"]!.AsArray().Count));
        Assert.Equal(["dash", "dot", "dashdot"], lines.Select(line => (string)line!["line"]!["dash"]!));
        Assert.Equal(["#1f77b4", "#2ca02c", "#9467bd"], lines.Select(line => (string)line!["line"]!["color"]!));
        Assert.Equal(lines.Select(line => (string)line!["legendgroup"]!),
            bands.Select(band => (string)band!["legendgroup"]!));
        Assert.Equal(.5487, (double)lines[2]!["y"]![7]!);
    }

    [Fact]
    public void Axes_are_named_with_their_units_and_start_at_zero()
    {
        var layout = JsonNode.Parse(Samples.Surprisal().ToPlotlyJson())!["layout"]!;

        Assert.Equal("layer (resid_post, 0-based)", (string)layout["xaxis"]!["title"]!["text"]!);
        Assert.Equal("surprisal (nats)", (string)layout["yaxis"]!["title"]!["text"]!);
        Assert.Equal(0, (double)layout["yaxis"]!["range"]![0]!);
        Assert.True((double)layout["yaxis"]!["range"]![1]! > 8.727 + .25);
    }

    [Fact]
    public void A_share_is_drawn_from_0_to_1_however_small_it_is()
    {
        var figure = LayerCurves.Draw(LayerMetric.PrecisionAt1, [new("a", 0, Interval.Open(.01), 9)]);
        var layout = JsonNode.Parse(figure.ToPlotlyJson())!["layout"]!;

        Assert.InRange((double)layout["yaxis"]!["range"]![1]!, 1, 1.05);
    }

    [Fact]
    public void Pointing_at_a_curve_says_method_layer_value_interval_and_count()
    {
        var figure = LayerCurves.Draw(LayerMetric.PrecisionAt1, [new("logitscope", 7, new(.5487, .511, .586), 698)]);

        Assert.Contains("<title>logitscope, layer (resid_post, 0-based) 7: "
            + "precision@1 0.549 [0.511, 0.586], n 698</title>", figure.ToSvg());
        var line = JsonNode.Parse(figure.ToPlotlyJson())!["data"]![0]!;
        Assert.Equal("logitscope: precision@1 0.549 [0.511, 0.586], n 698", (string)line["hovertext"]![0]!);
    }

    [Fact]
    public void One_layer_is_a_dot_with_a_whisker_in_both_twins()
    {
        var figure = LayerCurves.Draw(LayerMetric.PrecisionAt1, [new("logitscope", 3, new(.5, .4, .7), 10)]);

        var error = JsonNode.Parse(figure.ToPlotlyJson())!["data"]![0]!["error_y"]!;
        Assert.Equal(.2, (double)error["array"]![0]!, 12);
        Assert.Equal(.1, (double)error["arrayminus"]![0]!, 12);
        Assert.Contains("class=\"whisker\"", figure.ToSvg());
        Assert.Matches("<circle [^>]*class=\"line\"", figure.ToSvg());
    }

    [Fact]
    public void The_order_of_rows_within_a_method_does_not_matter()
    {
        var figure = Samples.Precision();
        var backwards = Samples.PrecisionScores().GroupBy(row => row.Method).SelectMany(method => method.Reverse());

        Assert.Equal(figure.ToSvg(),
            LayerCurves.Draw(LayerMetric.PrecisionAt1, backwards, figure.Subtitle).ToSvg());
    }

    [Fact]
    public void The_CSV_has_every_number_in_full()
    {
        var csv = LayerCurves.Draw(LayerMetric.Surprisal,
            [new("logit-lens", 0, new(1.0 / 3, .25, .5), 698), new("logit-lens", 1, Interval.Open(2), 698)]).ToCsv();

        Assert.Equal("""
            method,layer,surprisal_nats,low_95,high_95,n
            logit-lens,0,0.3333333333333333,0.25,0.5,698
            logit-lens,1,2,,,698

            """, csv);
    }

    [Fact]
    public void The_plain_text_is_a_table_of_layers_and_methods()
    {
        var lines = Samples.Precision().ToText().Split('\n');

        Assert.Equal(LayerMetric.PrecisionAt1.Title, lines[0]);
        Assert.Equal("layer (resid_post, 0-based)  logit-lens  token-identity  logitscope", lines[2]);
        Assert.Equal("27                                1.000           1.000       1.000", lines[^1]);
    }

    [Theory]
    [InlineData(-1, .5, 0, 1, "at layer -1")]
    [InlineData(0, double.NaN, 0, 1, "NaN for 'a' at layer 0")]
    [InlineData(0, double.PositiveInfinity, 0, 1, "for 'a' at layer 0")]
    [InlineData(0, 1.2, 0, 1, "from 0 to 1 at a layer from 0 up, got 1.2")]
    [InlineData(0, -.2, 0, 1, "got -0.2")]
    [InlineData(3, .5, .6, .4, "[0.6, 0.4] for 'a' at layer 3")]
    [InlineData(3, .5, double.NaN, .4, "[NaN, 0.4]")]
    [InlineData(3, .5, 0, double.PositiveInfinity, "at layer 3")]
    public void A_number_that_the_metric_cannot_take_is_named(
        int layer, double value, double low, double high, string says)
    {
        var error = Assert.Throws<ChartException>(() =>
            LayerCurves.Draw(LayerMetric.PrecisionAt1, [new("a", layer, new(value, low, high), 1)]));

        Assert.Contains(says, error.Message);
    }

    [Fact]
    public void An_infinite_mean_is_a_gap_that_the_subtitle_tells()
    {
        var figure = LayerCurves.Draw(
            LayerMetric.Surprisal,
            [new("a", 0, Interval.Open(2), 5), new("a", 1, new(double.PositiveInfinity, double.NaN, double.NaN), 5), new("b", 0, Interval.Open(double.PositiveInfinity), 5)],
            "some model");

        Assert.Equal("some model; surprisal of a is infinite at layer 1; surprisal of b is infinite at layer 0", figure.Subtitle);
        Assert.Equal([0.0], Assert.Single(figure.Curves).Points.Select(point => point.X));
        Assert.Contains("\nb,0,Infinity,", figure.ToCsv());
    }

    [Fact]
    public void No_scores_and_two_for_one_place_are_errors()
    {
        var none = Assert.Throws<ChartException>(() => LayerCurves.Draw(LayerMetric.Surprisal, []));
        var twice = Assert.Throws<ChartException>(() =>
            LayerCurves.Draw(LayerMetric.Surprisal, [new("a", 2, Interval.Open(1), 1), new("a", 2, Interval.Open(1), 1)]));

        Assert.Equal("A chart of surprisal needs at least one score, got none.", none.Message);
        Assert.Contains("got 2 for 'a' at layer 2", twice.Message);
    }

    [Fact]
    public void An_empty_series_is_an_error_that_names_it()
    {
        var error = Assert.Throws<ChartException>(() =>
            Samples.Precision() with { Curves = [new Curve("hollow", new("#000000", Dash.Solid), [])] });

        Assert.Equal("Curve 'hollow' needs at least one point, got none.", error.Message);
        Assert.Throws<ChartException>(() => Samples.Precision() with { Curves = [] });
    }
}
