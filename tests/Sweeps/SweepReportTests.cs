using System.Text.Json.Nodes;

namespace Logitscope.Tests.Sweeps;

public class SweepReportTests
{
    [Fact]
    public void Two_models_in_one_chart_share_a_colour_a_method_and_differ_in_dashes()
    {
        var summary = EmbeddedSweep.Result.Summary;
        var figure = (CurveFigure)SweepReport.Compare(SweepMetric.Kl, ("one", summary), ("other", summary));

        var methods = summary.Methods.Keys.ToArray();
        Assert.Equal([.. methods.Select(m => $"{m}, one"), .. methods.Select(m => $"{m}, other")], figure.Curves.Select(curve => curve.Name));
        foreach (var method in methods)
        {
            var (one, other) = (figure.Curves.Single(c => c.Name == $"{method}, one"), figure.Curves.Single(c => c.Name == $"{method}, other"));
            Assert.Equal(one.Look.Color, other.Look.Color);
            Assert.Equal((Dash.Solid, Dash.Dashed), (one.Look.Dash, other.Look.Dash));
            Assert.Equal(summary.Methods[method][SweepMetric.Kl].Select(value => value.Mean), one.Points.Select(point => point.Y.Mean));
        }

        Assert.Equal(methods.Length, figure.Curves.Select(curve => curve.Look.Color).Distinct().Count());
    }

    [Fact]
    public void Sweeps_of_one_name_none_and_too_many_are_refused()
    {
        var summary = EmbeddedSweep.Result.Summary;
        Assert.Throws<SweepException>(() => SweepReport.Compare(SweepMetric.Kl));
        Assert.Throws<SweepException>(() => SweepReport.Compare(SweepMetric.Kl, ("a", summary), ("a", summary)));
        Assert.Equal(
            "a comparison: expected 1 to 5 sweeps of different names, got 'a', 'b', 'c', 'd', 'e', 'f'",
            Assert.Throws<SweepException>(() => SweepReport.Compare(SweepMetric.Kl, [.. "abcdef".Select(name => ($"{name}", summary))])).Message);
    }

    [Fact]
    public void A_page_counts_its_cautions_before_the_curves_and_has_them_behind()
    {
        var summary = EmbeddedSweep.Result.Summary with { Warnings = ["one", "another"] };
        var sections = summary.ToPage().Sections;
        Assert.Contains("Cautions, below the curves: 2.", sections[0].Prose, StringComparison.Ordinal);
        Assert.Equal(("Cautions", "one\n\nanother"), (sections[1].Heading, sections[1].Prose));
        Assert.DoesNotContain("autions", (summary with { Warnings = [] }).ToPage().Sections[0].Prose, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rows_are_a_table_that_is_saved_as_csv()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("rows.csv");
        var result = EmbeddedSweep.Result;
        result.ToTable().Save(path);

        var lines = File.ReadAllLines(path);
        var row = result.Rows[^1];
        Assert.Equal(1 + result.Rows.Count, lines.Length);
        Assert.Equal("method,layer,prompt,position,target,predicted,precision_at_1,surprisal,surprisal_paper,kl,rank,margin", lines[0]);
        Assert.Equal($"{row.Method},{row.Layer},{row.Prompt},{row.Position},{row.Target},{row.Predicted},{row.PrecisionAt1},{row.Surprisal},{row.SurprisalPaper},{row.Kl},{row.Rank},{row.Margin}", lines[^1]);
        Assert.Equal(
            $"A table is saved as .csv, .html or .txt, got '.png' in 'x.png'.",
            Assert.Throws<ChartException>(() => result.ToTable().Save("x.png")).Message);
    }
}
