using Logitscope.Cli.Commands;

namespace Logitscope.Tests.Cli;

/// <summary>Sweeps of two models on one page, whose boxes show and hide.</summary>
public sealed class CompareTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_sweeps_are_on_one_page_and_a_box_hides_a_method_everywhere()
    {
        var (large, small, page) = (_folder.PathOf("large"), _folder.PathOf("small"), _folder.PathOf("both.html"));
        await Sweep(large, "--model", Repository.File("data", "tiny-gptj"));
        await Sweep(small, "--model", Repository.File("data", "tiny-gptj-small"));
        var made = (await Outcome.Of("compare", large, small, "--out", page)).Succeeded();
        Assert.Equal($"open {page}\n", made.Output);

        var console = new List<string>();
        var opened = await Browser.NewPage(console);
        await opened.GotoAsync(new Uri(page).AbsoluteUri);
        string[] boxes = ["logit-lens", "logitscope", "large", "small"];
        await opened.Locator("form.filter input").First.WaitForAsync();
        Assert.Equal(boxes, (await opened.Locator("form.filter label").AllInnerTextsAsync()).Select(text => text.Trim()));
        Assert.Equal(SweepMetric.All.Count, await opened.Locator(".js-plotly-plot").CountAsync());
        Assert.Equal(["large: logit-lens", "large: logitscope", "small: logit-lens", "small: logitscope"], await Visible());
        await opened.GetByLabel("logit-lens").UncheckAsync();
        await opened.GetByLabel("small").UncheckAsync();
        Assert.Equal(["large: logitscope"], await Visible());
        await opened.GetByLabel("small").CheckAsync();
        Assert.Equal(["large: logitscope", "small: logitscope"], await Visible());

        // On one sweep's page a table of two methods goes with either.
        await opened.GotoAsync(new Uri(Path.Combine(large, SweepReport.PageFile)).AbsoluteUri);
        var table = opened.Locator("caption", new() { HasText = "logitscope less logit-lens" });
        await Microsoft.Playwright.Assertions.Expect(table).ToBeVisibleAsync();
        await opened.GetByLabel("logit-lens").UncheckAsync();
        await Microsoft.Playwright.Assertions.Expect(table).ToBeHiddenAsync();
        await opened.CloseAsync();
        Assert.Empty(console);

        // The curves that every figure shows, which all must agree on.
        async Task<string[]> Visible()
        {
            var shown = await opened.EvaluateAsync<string[]>("""
                () => [...document.querySelectorAll('.js-plotly-plot')].map(plot => [...new Set(plot.data.filter(trace => trace.visible !== false)
                  .map(trace => trace.name.split(', ').reverse().join(': ')))].sort().join('|'))
                """);
            return Assert.Single(shown.Distinct()).Split('|');
        }
    }

    [Fact]
    public async Task What_differs_is_named_and_what_is_no_sweep_is_refused()
    {
        var (few, more) = (_folder.PathOf("few"), _folder.PathOf("more"));
        await Sweep(few, "--seed", "1");
        await Sweep(more, "--seed", "2");
        var page = CompareCommand.PageOf(("few", SweepSummary.Read(few)), ("more", SweepSummary.Read(more)));
        var table = Assert.IsType<Table>(page.Sections[1].Contents.Single());
        Assert.Equal(["positions", "plan"], table.Rows.Select(row => row[0]));
        Assert.Contains("seed 2", $"{table.Rows[0][2]}", StringComparison.Ordinal);
        (await Outcome.Of("compare", few, _folder.PathOf("nowhere"))).FailedWith("nowhere", "summary of a finished sweep");
        (await Outcome.Of("compare", few, few)).FailedWith("different names");
        (await Outcome.Of("compare", few)).FailedWith("2 to 5 finished sweeps, got 1");
        (await Outcome.Of("compare", "a", "b", "c", "d", "e", "f")).FailedWith("2 to 5 finished sweeps, got 6");
    }

    private static async Task Sweep(string folder, params string[] more) => (await Outcome.Of(
        ["sweep", "--data", Repository.File("data", "prompts.jsonl"), "--limit", "6", "--methods", "logit-lens,logitscope", "--out", folder, .. more])).Succeeded();
}
