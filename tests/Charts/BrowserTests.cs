using System.Text.RegularExpressions;
using Interval = Logitscope.Interval;

namespace Logitscope.Tests.Charts;

public partial class BrowserTests
{
    private const string Hostile =
        "</script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">";

    [Fact]
    public async Task A_page_of_curves_is_drawn_by_plotly_without_a_word_on_the_console()
    {
        var (dom, console) = await Browser.Open(Samples.Precision().ToPage(Browser.Plotly()));

        Assert.Empty(console);
        Assert.Equal(3, Count(dom, "<path class=\"js-fill\""));
        Assert.Equal(["31, 119, 180", "44, 160, 44", "148, 103, 189"],
            DashedLine().Matches(dom).Select(line => line.Groups[1].Value));
        Assert.Contains("precision@1 (share of residuals)", dom);
        Assert.Matches("class=\"logitscope-twin\" hidden", dom);
    }

    [Fact]
    public async Task A_page_of_a_heat_map_is_drawn_with_a_word_in_every_cell()
    {
        var (dom, console) = await Browser.Open(Samples.Lens(6, Samples.Sentence).ToPage(Browser.Plotly()));

        Assert.Empty(console);
        Assert.Matches("class=\"heatmaplayer[^\"]*\">.*?<image", dom);
        Assert.Equal(6 * 12, Count(dom, "class=\"textpoint\""));
        Assert.Contains(" colorbar\"", dom);
    }

    [Fact]
    public async Task A_results_page_draws_all_its_figures_and_offers_no_upload()
    {
        var page = new ResultsPage
        {
            Title = "Sweep",
            Sections = [new() { Contents = [Samples.Precision(), Samples.Surprisal(), Samples.Patch(4)] }],
        };

        var (dom, console) = await Browser.Open(page.ToHtml(Browser.Plotly()));

        Assert.Empty(console);
        Assert.Equal(3, Count(dom, "class=\"js-plotly-plot\""));
        Assert.DoesNotContain("Share chart", Script().Replace(dom, ""));
    }

    [Fact]
    public async Task A_wide_map_keeps_its_layers_in_sight_while_it_is_scrolled()
    {
        using var folder = new TemporaryFolder();
        var tokens = Enumerable.Range(0, 200).Select(i => $"token {i}").ToArray();
        var path = folder.Write("wide.html", Samples.Lens(28, tokens).ToPage(Browser.Plotly()));
        var console = new List<string>();
        var page = await Browser.NewPage(console);
        await page.GotoAsync(new Uri(path).AbsoluteUri);
        await page.Locator(".js-plotly-plot").WaitForAsync();
        var places = await page.EvaluateAsync<double[]>("""
            () => {
              const figure = document.querySelector('.logitscope-figure'), axis = figure.querySelector('.logitscope-axis svg');
              const layers = box => [...box.querySelectorAll('text')].find(text => text.textContent === '27').getBoundingClientRect();
              const drawn = [...figure.querySelectorAll('.js-plotly-plot .ytick text')].find(text => text.textContent === '27').getBoundingClientRect();
              const apart = layers(axis).top - drawn.top, before = layers(axis).left - drawn.left;
              figure.scrollLeft = 5000;
              return [apart, before, axis.getBoundingClientRect().left - figure.getBoundingClientRect().left, figure.scrollLeft];
            }
            """);
        await page.CloseAsync();
        Assert.Empty(console);
        Assert.All(places[..2], offset => Assert.Equal(0, offset, 3.0)); // where plotly has them
        Assert.Equal(0, places[2], 1.0);
        Assert.Equal(5000, places[3]);
    }

    [Fact]
    public async Task A_figure_shown_twice_is_drawn_twice()
    {
        var twice = new ResultsPage
        {
            Title = "Twice",
            Sections = [new() { Contents = [Samples.Precision(), Samples.Precision()] }],
        };

        var (dom, console) = await Browser.Open(twice.ToHtml(Browser.Plotly()));

        Assert.Empty(console);
        Assert.Equal(2, Count(dom, "class=\"js-plotly-plot\""));
    }

    [Fact]
    public async Task Hostile_tokens_and_names_run_nothing_and_are_shown_as_written()
    {
        string[] tokens = [Hostile, "<b>bold</b> &amp;", "$x^2$", "%{text}", "\u202e\0\ud800"];
        var curves = LayerCurves.Draw(LayerMetric.PrecisionAt1,
            [new(Hostile, 0, Interval.Open(.5), 1), new(Hostile, 1, Interval.Open(.6), 1)], Hostile);
        var page = new ResultsPage
        {
            Title = "safe",
            Sections =
            [
                new() { Heading = Hostile, Prose = Hostile, Contents = [Samples.Lens(2, tokens), curves] },
                new() { Contents = [Table.Of(tokens, (Hostile, token => token)) with { Title = Hostile }] },
            ],
            Provenance = [(Hostile, Hostile)],
        };

        var (dom, console) = await Browser.Open(page.ToHtml(Browser.Plotly()));

        Assert.Empty(console);
        Assert.Equal("safe", Title(dom));
        Assert.DoesNotContain("<img", Script().Replace(dom, ""));
        Assert.Contains(">%{text}<", dom);
        Assert.Equal(2, Count(dom, "class=\"js-plotly-plot\""));
    }

    [Fact]
    public async Task Without_plotly_and_network_the_twin_stays()
    {
        var (dom, _) = await Browser.Open(Samples.Precision().ToPage(plotly: null));

        Assert.DoesNotContain("js-plotly-plot", dom);
        Assert.DoesNotContain("class=\"logitscope-twin\" hidden", dom);
        Assert.Contains("<path class=\"line\"", dom);
        Assert.Contains($"loaded from {PlotlyLibrary.Url}", dom);
    }

    [Fact]
    public async Task A_notebook_cell_uses_the_plotly_that_another_cell_showed()
    {
        var cells = Browser.Plotly().ToHtml() + Samples.Precision().ToHtml();

        var (dom, console) = await Browser.Open($"<!DOCTYPE html><meta charset=\"utf-8\"><body>{cells}</body>");

        Assert.Empty(console);
        Assert.Equal(1, Count(dom, "class=\"js-plotly-plot\""));
    }

    [Fact]
    public async Task The_legend_of_many_methods_is_above_the_curves_and_below_the_title()
    {
        var scores = Enumerable.Range(0, 17)
            .Select(i => new LayerScore($"method number {i}", 0, new(i / 20.0, i / 20.0, 1), 1));
        var figure = LayerCurves.Draw(LayerMetric.PrecisionAt1, scores, "a subtitle");

        var (dom, _) = await Browser.Open(figure.ToPage(Browser.Plotly()) + After("""
            const box = part => document.querySelector(part).getBoundingClientRect();
            const [title, legend, plot] = [box('.gtitle'), box('.legend'), box('.gridlayer')];
            document.title = `apart ${title.bottom <= legend.top + 1 && legend.bottom <= plot.top}`;
            """));

        Assert.Equal("apart true", Title(dom));
    }

    [Fact]
    public async Task A_legend_keeps_off_the_title_whatever_the_length_of_its_names()
    {
        var figures = Enumerable.Range(0, 24).Select(length => LayerCurves.Draw(
            LayerMetric.PrecisionAt1,
            Enumerable.Range(0, 9).Select(i => new LayerScore($"{i}{new string('n', 2 * length)}", 0, new(i / 20.0, i / 20.0, 1), 1)),
            $"a subtitle, {length}")).ToArray();
        var page = new ResultsPage { Title = "Legends", Sections = [new() { Contents = figures }] };

        var (dom, _) = await Browser.Open(page.ToHtml(Browser.Plotly()) + After("""
            const overlaps = [...document.querySelectorAll('.js-plotly-plot')].map((plot, i) => {
              const box = part => plot.querySelector(part).getBoundingClientRect(), [title, legend, grid] = [box('.gtitle'), box('.legend'), box('.gridlayer')];
              return title.bottom <= legend.top + 1 && legend.bottom <= grid.top ? '' : i;
            });
            document.title = `${overlaps.length} figures, overlapping: ${overlaps.filter(one => one !== '').join(' ')}.`;
            """));

        Assert.Equal("24 figures, overlapping: .", Title(dom));
    }

    [Fact]
    public async Task No_word_is_wider_than_its_cell_in_either_twin()
    {
        string[] tokens =
        [
            "internationalization", "MMMMMMMMMMMM", "%%%%%%%%%%%%", "iiiiiiiiiiiiiiiiiiiiii", "漢字漢字漢字漢字", "Жжжжжжжж",
            .. Samples.Sentence,
        ];
        string TooWide(string words) => After($$"""
            const cell = document.querySelector('.cell rect').width.baseVal.value;
            const words = [...document.querySelectorAll('{{words}}')];
            const wide = words.filter(word => word.getBoundingClientRect().width > cell);
            document.title = `${words.length} words, too wide: ${wide.map(word => word.textContent).join(' ')}.`;
            """);

        var figure = Samples.Lens(3, tokens);
        var (drawn, _) = await Browser.Open(figure.ToPage(Browser.Plotly()) + TooWide(".textpoint text"));
        var (still, _) = await Browser.Open(figure.ToPage(plotly: null) + TooWide(".cell text"));

        Assert.Equal($"{3 * tokens.Length} words, too wide: .", Title(drawn));
        Assert.Equal($"{3 * tokens.Length} words, too wide: .", Title(still));
    }

    /// <summary>A script that runs when plotly has drawn.</summary>
    private static string After(string script) =>
        $"<script>document.body.dataset.waits = 'yes'; setTimeout(() => {{ {script}; delete document.body.dataset.waits; }}, 1500)</script>";

    private static string Title(string dom) => dom.Split("<title>")[1].Split("</title>")[0];

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    /// <summary>A line of the plot; those of the legend have no vector effect.</summary>
    [GeneratedRegex("<path class=\"js-line\"[^>]*vector-effect[^>]* stroke: rgb\\(([0-9, ]+)\\);[^>]*stroke-dasharray")]
    private static partial Regex DashedLine();

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Script();
}
