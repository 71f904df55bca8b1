using System.Buffers.Binary;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using FsCheck.Fluent;
using static TorchSharp.torch;
using Interval = Logitscope.Interval;

namespace Logitscope.Tests.Charts;

public class FigureTests
{
    [Fact]
    public void The_twin_of_the_curves_is_well_formed_and_has_a_band_and_a_line_a_method()
    {
        var svg = XDocument.Parse(Samples.Precision().ToSvg());

        Assert.Equal(3, svg.Descendants().Count(element => (string?)element.Attribute("class") == "band"));
        Assert.Equal(3, svg.Descendants().Count(element => (string?)element.Attribute("class") == "line"));
        Assert.Equal(3 * 28, svg.Descendants().Count(element => element.Name.LocalName == "title"));
    }

    [Fact]
    public void The_twin_of_a_heat_map_has_one_cell_a_reading() =>
        Assert.Equal(28 * 12, XDocument.Parse(Samples.Lens(28, Samples.Sentence).ToSvg()).Descendants()
            .Count(element => (string?)element.Attribute("class") == "cell"));

    [Fact]
    public void A_twin_needs_no_script_no_style_sheet_and_no_identifier()
    {
        foreach (var figure in new ChartFigure[] { Samples.Precision(), Samples.Lens(3, Samples.Sentence) })
        {
            var elements = XDocument.Parse(figure.ToSvg()).Descendants().ToArray();
            Assert.DoesNotContain(elements, e => e.Name.LocalName is "script" or "style" or "foreignObject");
            Assert.DoesNotContain(elements, element => element.Attribute("id") is not null);
        }
    }

    [Fact]
    public void The_same_rows_give_the_same_bytes()
    {
        Assert.Equal(Samples.Precision().ToPage(plotly: null), Samples.Precision().ToPage(plotly: null));
        Assert.Equal(Samples.Lens(5, Samples.Sentence).ToHtml(), Samples.Lens(5, Samples.Sentence).ToHtml());
    }

    [Fact]
    public void Different_figures_have_different_keys() =>
        Assert.NotEqual(Key(Samples.Precision()), Key(Samples.Surprisal()));

    [Fact]
    public void Any_token_leaves_every_form_intact() => Prop.ForAll<string>(text =>
    {
        var token = text ?? "";
        ChartFigure[] figures =
        [
            TokenHeatMap.Draw([token, token], [new(0, 1, new Prediction([new(token, .5)], 1))], token, token),
            LayerCurves.Draw(LayerMetric.PrecisionAt1, [new(token, 0, Interval.Open(.5), 1)], token),
        ];
        foreach (var figure in figures)
        {
            XDocument.Parse(figure.ToSvg());
            JsonNode.Parse(figure.ToPlotlyJson());
            Assert.DoesNotContain('<', figure.ToPlotlyJson());
            Assert.Equal(2, figure.ToHtml().Split("script>").Length - 1);
        }
    }).Holds();

    // As data, not as attributes: an attribute's text is UTF-8, which has no half characters.
    public static TheoryData<string> Hostile =>
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "]]>&\"'<img src=x onerror=alert(1)>",
        "\0\u0001\u001b\udfff\ud800\ufffe\uffff\u2028\u202e",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_tokens_leave_one_script_and_one_picture(string token)
    {
        var html = TokenHeatMap.Draw([token], [new(0, 0, new Prediction([new(token, .5)], 1))], token, token).ToHtml();

        Assert.Equal(1, html.Split("<script").Length - 1);
        Assert.Equal(1, html.Split("</script").Length - 1);
        Assert.DoesNotContain("<img", html);
        Assert.DoesNotContain("<!--", html);
    }

    [Fact]
    public void Plotly_reads_no_markup_in_a_token()
    {
        var figure = TokenHeatMap.Draw(["<b>&lt;"], [new(0, 0, new Prediction([new("<b>", .5)], 1))]);
        var spec = JsonNode.Parse(figure.ToPlotlyJson())!;

        Assert.Equal("&lt;b&gt;", (string)spec["data"]![1]!["text"]![0]!);
        Assert.StartsWith("&lt;b&gt;&amp;lt;<br>", (string)spec["layout"]!["xaxis"]!["ticktext"]![0]!);
        Assert.False((bool)spec["config"]!["typesetMath"]!);
    }

    [Fact]
    public void A_plotly_spec_has_data_layout_and_config_that_uploads_nothing()
    {
        var spec = JsonNode.Parse(Samples.Precision().ToPlotlyJson())!.AsObject();

        Assert.Equal(["data", "layout", "config"], spec.Select(part => part.Key));
        Assert.False((bool)spec["config"]!["showSendToCloud"]!);
        Assert.Equal("how-often-one-residual-gives-away-the-model-s-next-token",
            (string)spec["config"]!["toImageButtonOptions"]!["filename"]!);
    }

    [Fact]
    public void A_long_title_is_broken_into_lines_that_push_the_plot_down()
    {
        var wordy = string.Join(' ', Enumerable.Repeat("word", 60));

        var low = Height(Samples.Precision() with { Title = wordy });

        Assert.True(low > Height(Samples.Precision()) + 30);
    }

    [Fact]
    public void Many_methods_get_more_rows_in_the_legend_and_the_plot_stays_as_high()
    {
        ChartFigure Chart(int methods) => LayerCurves.Draw(LayerMetric.PrecisionAt1,
            Enumerable.Range(0, methods).Select(i => new LayerScore($"method-{i}", 0, Interval.Open(.5), 1)));

        Assert.Equal(80, Height(Chart(20)) - Height(Chart(2))); // five rows instead of one, as plotly draws them
    }

    [Theory]
    [InlineData(".svg", "<svg")]
    [InlineData(".csv", "method,layer,precision_at_1")]
    [InlineData(".json", "{\"data\":[")]
    [InlineData(".html", "<!DOCTYPE html>")]
    [InlineData(".HTML", "<!DOCTYPE html>")]
    public void A_figure_is_saved_in_the_form_that_the_ending_names(string ending, string begins)
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf($"figure{ending}");
        Samples.Precision().Save(path);
        Assert.StartsWith(begins, File.ReadAllText(path));
    }

    [Fact]
    public void An_unknown_ending_is_an_error_that_names_the_known_ones() =>
        Assert.Equal("A figure is saved as .html, .svg, .png, .csv or .json, got '.gif' in 'x.gif'.",
            Assert.Throws<ChartException>(() => Samples.Precision().Save("x.gif")).Message);

    [Fact]
    public void Without_a_dash_a_curve_is_points_in_legend_picture_and_plotly()
    {
        var scatter = CurveFigure.Of("t", "x", "y", new Curve("a", new("#123456", Dash.None), [new(1, 2.5), new(1, 3)]));

        var marks = XDocument.Parse(scatter.ToSvg()).Descendants().Where(mark => mark.Attributes().Any(a => a.Value == "#123456"));
        Assert.Equal(["circle", "circle", "circle"], marks.Select(mark => mark.Name.LocalName)); // one of the legend
        Assert.Contains("a       2  1.000 to 1.000  2.500 to 3.000", scatter.ToText(), StringComparison.Ordinal);
        Assert.Contains("\"mode\":\"markers\"", scatter.ToPlotlyJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_plotted_numbers_are_the_marks_where_none_are_given()
    {
        var curves = CurveFigure.Of("t", "x", "y", new Curve("a", new("#000000", Dash.Solid), [new(1, 2.5), new(2, new(3, 2, 4), "h")]));
        var heat = HeatFigure.Of(tensor(new[,] { { 0.5, -1 }, { 2, 0 } }), ["low", "high"], ["p", "q"]);

        Assert.Equal("curve,x,y,low_95,high_95\na,1,2.5,,\na,2,3,2,4\n", curves.ToCsv());
        Assert.Equal("column,row,value,text\np,low,0.5,\nq,low,-1,\np,high,2,\nq,high,0,\n", heat.ToCsv());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0.5)]
    public void A_png_has_the_size_of_the_picture_times_its_scale(double scale)
    {
        Assert.SkipWhen(Chromium.Find() is null, "no Chromium on the PATH");
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("figure.png");
        Samples.Precision().Save(path, scale);

        var bytes = File.ReadAllBytes(path);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], bytes[..4]);
        Assert.Equal(760 * scale, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)));
        Assert.Equal(Math.Ceiling(Height(Samples.Precision())) * scale, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20)), 1.0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    [InlineData(100)]
    public void A_png_of_no_size_is_refused_and_nothing_is_written(double scale)
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ChartException>(() => Samples.Precision().Save(folder.PathOf("x.png"), scale));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static string Key(ChartFigure figure) => figure.ToHtml().Split("data-figure=\"")[1][..12];

    private static double Height(ChartFigure figure) => (double)XDocument.Parse(figure.ToSvg()).Root!.Attribute("height")!;
}
