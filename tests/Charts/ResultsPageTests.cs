using System.Text;

namespace Logitscope.Tests.Charts;

public class ResultsPageTests
{
    private static readonly ResultsPage s_page = new()
    {
        Title = "Sweep <1>",
        Sections =
        [
            new()
            {
                Heading = "Curves & bands",
                Prose = "First.\nStill first.\n\nSecond.",
                Contents = [Samples.Precision(), Samples.Surprisal()],
            },
            new() { Contents = [Table.Of([1, 2], ("n", n => n)) with { Title = "Counts" }] },
        ],
        Provenance = [("model", "gpt-j <6b>")],
    };

    [Fact]
    public void Plotly_is_written_into_the_page_once()
    {
        using var folder = new TemporaryFolder();

        var html = s_page.ToHtml(FakePlotly(folder, "/* the library */"));

        Assert.Equal(1, html.Split("/* the library */").Length - 1);
        Assert.DoesNotContain("class=\"note\"", html);
    }

    [Fact]
    public void A_page_that_needs_the_network_says_so() =>
        Assert.Contains($"loaded from {PlotlyLibrary.Url}. Without a network they stay still pictures.",
            s_page.ToHtml(plotly: null));

    [Fact]
    public void Headings_prose_and_provenance_are_escaped_text()
    {
        var html = s_page.ToHtml(plotly: null);

        Assert.Contains("<h1>Sweep &lt;1&gt;</h1>", html);
        Assert.Contains("<h2>Curves &amp; bands</h2>", html);
        Assert.Contains("<p>First.<br>Still first.</p>\n<p>Second.</p>", html);
        Assert.Contains("<dt>model</dt><dd>gpt-j &lt;6b&gt;</dd>", html);
    }

    [Fact]
    public void Every_figure_offers_SVG_CSV_and_JSON_and_every_table_CSV()
    {
        var html = s_page.ToHtml(plotly: null);

        Assert.Equal(2, html.Split("href=\"data:image/svg+xml").Length - 1);
        Assert.Equal(3, html.Split("href=\"data:text/csv").Length - 1);
        Assert.Equal(2, html.Split("href=\"data:application/json").Length - 1);
        var csv = html.Split("download=\"counts.csv\" href=\"data:text/csv;charset=utf-8;base64,")[1].Split('"')[0];
        Assert.Equal("n\n1\n2\n", Encoding.UTF8.GetString(Convert.FromBase64String(csv)));
    }

    [Fact]
    public void A_script_in_the_library_cannot_be_ended_by_its_own_strings()
    {
        using var folder = new TemporaryFolder();
        var plotly = FakePlotly(folder, "var a = \"<!--<script>\", b = \"</script></SCRIPT>\";");

        Assert.Equal(
            "<script>var a = \"\\x3C!--<script>\", b = \"\\x3C/script>\\x3C/SCRIPT>\";</script>", plotly.ToHtml());
    }

    private static PlotlyLibrary FakePlotly(TemporaryFolder folder, string source) =>
        new(folder.Write("plotly.min.js", source));
}
