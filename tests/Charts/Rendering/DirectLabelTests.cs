using System.Text.Json.Nodes;
using System.Xml.Linq;
using FsCheck.Fluent;

namespace Logitscope.Tests.Charts;

public class DirectLabelTests
{
    private static readonly Box s_frame = new(0, 0, 600, 300);

    [Fact]
    public void Three_separate_lines_each_carry_their_name_in_both_forms()
    {
        var svg = XDocument.Parse(Samples.Precision().ToSvg());
        var names = svg.Descendants().Where(element => (string?)element.Attribute("class") == "name").Select(element => element.Value);
        Assert.Equal(["logit-lens", "logitscope", "token-identity"], names.Order());
        var traces = JsonNode.Parse(Samples.Precision().ToPlotlyJson())!["data"]!.AsArray().Where(trace => (string?)trace!["mode"] == "text").ToArray();
        Assert.Equal(names.Order(), traces.Select(trace => (string)trace!["legendgroup"]!).Order());
        Assert.All(traces, trace => Assert.Equal((string)trace!["name"]!, (string)trace["text"]!));
        Assert.All(traces, trace => Assert.InRange((double)trace!["y"]![0]!, 0, 1));
    }

    [Fact]
    public void Where_lines_run_together_there_is_no_name() =>
        Assert.Empty(DirectLabel.Place([Line("one", 100, 100, 100), Line("two", 101, 101, 101)], s_frame));

    [Fact]
    public void One_line_and_dots_need_none()
    {
        Assert.Empty(DirectLabel.Place([Line("one", 100, 200)], s_frame));
        var (curve, points) = Line("dots", 20, 20);
        Assert.Empty(DirectLabel.Place([Line("one", 100, 200), (curve with { Look = new("#000000", Dash.None) }, points)], s_frame));
    }

    // The definition, sampled densely: what is placed touches nothing and is nearest to its own line.
    [Fact]
    public void A_name_touches_nothing_and_is_nearest_to_its_own_line() => Prop.ForAll(
        Gen.Choose(0, 300).Select(y => (double)y).ArrayOf(8).ListOf(3).ToArbitrary(),
        heights =>
        {
            (Curve Curve, (double X, double Y)[] Points)[] lines = [.. heights.Index().Select(line => Line($"line {line.Index}", line.Item))];
            var labels = DirectLabel.Place(lines, s_frame);
            Assert.True(labels.Count is 0 || labels.Count == lines.Length);
            foreach (var label in labels)
            {
                var box = BoxOf(label);
                Assert.True(s_frame.Holds(box));
                Assert.DoesNotContain(labels, other => other != label && BoxOf(other).Meets(box));
                var distances = lines.Select(line => (line.Curve, Distance: Dense(line.Points).Min(point => Gap(box, point)))).OrderBy(line => line.Distance).ToArray();
                Assert.Equal(label.Curve, distances[0].Curve);
                Assert.True(distances[0].Distance > 0, $"{distances[0].Distance}");
            }
        }).Holds(cases: 300);

    [Theory]
    [InlineData("#ffffff")]
    [InlineData("#e69f00")]
    [InlineData("#56b4e9")]
    [InlineData("#2ca02c")]
    [InlineData("#000000")]
    public void A_name_is_legible_on_paper(string color) =>
        Assert.True(1.05 / (Rgb.Luminance(Rgb.Legible(color)) + 0.05) >= 4.5);

    private static Box BoxOf(DirectLabel label) =>
        new(label.X, label.Baseline + (0.2 * Theme.TextSize) - Theme.TextSize, label.X + label.Width, label.Baseline + (0.2 * Theme.TextSize));

    private static (Curve Curve, (double X, double Y)[] Points) Line(string name, params double[] heights) =>
        (new(name, new("#1f77b4", Dash.Solid), [.. heights.Select((y, x) => new CurvePoint(x, y))]),
            [.. heights.Select((y, x) => (600.0 * x / (heights.Length - 1), y))]);

    private static IEnumerable<(double X, double Y)> Dense((double X, double Y)[] points) => points.Zip(points.Skip(1), (a, b) =>
        Enumerable.Range(0, 301).Select(i => (a.X + ((b.X - a.X) * i / 300), a.Y + ((b.Y - a.Y) * i / 300)))).SelectMany(segment => segment);

    private static double Gap(Box box, (double X, double Y) point) => Math.Sqrt(
        Math.Pow(Math.Max(0, Math.Max(box.Left - point.X, point.X - box.Right)), 2)
        + Math.Pow(Math.Max(0, Math.Max(box.Top - point.Y, point.Y - box.Bottom)), 2));
}
