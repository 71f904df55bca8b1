using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Logitscope.Cli.Explorer;
using Logitscope.Tests.Documents;
using Logitscope.Tests.Fitting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Logitscope.Tests.Cli.Explorer;

/// <summary>The explorer as a person uses it, in headless Chromium: by mouse, by keyboard alone, narrow, light and dark.</summary>
public sealed class ExplorerPageTests : IAsyncLifetime
{
    private readonly LanguageModel _model = LanguageModel.Load();
    private readonly List<string> _console = [];
    private readonly List<IPage> _pages = [];
    private ExplorerServer _server = null!;
    private IPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ExplorerServer.Start(_model, port: 0);
        _page = await Open(_server.Link);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var page in _pages)
        {
            await page.CloseAsync();
        }

        Assert.Empty(_console);
        await _server.DisposeAsync();
        _model.Dispose();
    }

    [Fact]
    public async Task A_cell_is_chosen_followed_copied_and_patched_by_mouse()
    {
        await Cell("source", 5, 5).ClickAsync();
        await Expect(Detail).ToContainTextAsync("Layer 5, after ␣is (position 5");
        await Expect(Detail).ToContainTextAsync("own prediction here is ␣Paris");
        await Cell("source", 9, 5).ClickAsync();
        await _page.GetByLabel("follow ␣Paris").ClickAsync();
        await Expect(_page.Locator("#chart svg")).ToHaveAttributeAsync("aria-label", new Regex("^p of ␣Paris by layer, after ␣is"));
        await Expect(_page.Locator("#chart polyline")).ToHaveCountAsync(1);
        await _page.GetByLabel("Show").SelectOptionAsync("rank");
        await Expect(_page.Locator("#chart svg")).ToHaveAttributeAsync("aria-label", new Regex("^rank"));

        await Cell("source", 5, 5).DragToAsync(Cell("target", 5, 1));
        var expected = new Patchscope(new Source(_model, "The capital of France is", 5, ^1), new Target(_model, "?", 5, ^1) { MaxNewTokens = 8 }).Run();
        await Expect(Status).ToContainTextAsync($"now {expected.Next.Top(1)[0].Token}, before");
        await Expect(_page.Locator("#patched")).ToContainTextAsync(expected.GeneratedText.Trim());
        await Expect(Cell("target", 6, 1)).ToHaveClassAsync(new Regex("cone"));
        await Expect(Cell("target", 5, 1)).Not.ToHaveClassAsync(new Regex("cone"));
        await Expect(Cell("target", 6, 0)).Not.ToHaveClassAsync(new Regex("cone"));
        await _page.GetByText("Take the patch back").ClickAsync();
        await Expect(_page.Locator("#patched")).ToBeEmptyAsync();
    }

    [Fact]
    public async Task Everything_works_without_a_mouse()
    {
        await Cell("source", 0, 0).FocusAsync();
        await _page.Keyboard.PressAsync("Control+End");
        await Expect(Cell("source", 9, 5)).ToBeFocusedAsync();
        await Expect(_page.Locator("#popup")).ToContainTextAsync("layer 9, after ␣is");
        await _page.Keyboard.PressAsync("p");
        await Expect(_page.Locator("#chart polyline")).ToHaveCountAsync(1);
        await _page.Keyboard.PressAsync("Home");
        await _page.Keyboard.PressAsync("ArrowUp");
        await _page.Keyboard.PressAsync("ArrowRight");
        await Expect(Cell("source", 1, 4)).ToBeFocusedAsync();
        await _page.Keyboard.PressAsync("Enter");
        await Expect(Detail).ToContainTextAsync("Layer 1, after ␣France");
        await _page.Keyboard.PressAsync("c");
        await Expect(Cell("source", 1, 4)).ToHaveClassAsync(new Regex("copied"));
        await Cell("target", 0, 1).FocusAsync();
        await _page.Keyboard.PressAsync("ArrowRight");
        await _page.Keyboard.PressAsync("v");
        await Expect(Cell("target", 1, 1)).ToHaveClassAsync(new Regex("patched"));
        await Expect(Status).ToContainTextAsync("layer 1 of ␣France in layer 1 of ?");
        await _page.Keyboard.PressAsync("Escape");
        await Expect(_page.Locator("#popup")).ToBeHiddenAsync();
    }

    [Fact]
    [Trait("Tier", "slow")]
    public async Task Technique_and_prompt_change_the_picture_and_the_history_keeps_it()
    {
        await _page.GetByLabel("Technique").SelectOptionAsync("logitscope");
        await Expect(Grid("source")).ToHaveAttributeAsync("aria-label", new Regex("logitscope"));
        await Expect(_page.GetByLabel("Layer shift")).ToBeEnabledAsync();
        await _page.GetByLabel("Layer shift").FillAsync("1");
        await _page.GetByLabel("Layer shift").BlurAsync();
        await Expect(_page.Locator("#history li")).ToHaveCountAsync(3);
        await _page.Locator("#source-text").FillAsync("<img src=x onerror=alert(1)> & ");
        await Expect(_page.Locator("#source-note")).ToContainTextAsync("ends in a space");
        await Expect(_page.Locator("#history li").First).ToContainTextAsync("logitscope shifted by 1: <|endoftext|><img");
        await _page.Locator("#source-bos").UncheckAsync();
        await Expect(_page.Locator("#source .token").Nth(1)).Not.ToContainTextAsync("endoftext");
        await _page.Locator("#history li").Last.GetByText("restore").ClickAsync();
        await Expect(Cell("source", 9, 5)).ToHaveTextAsync("␣Paris");
        await _page.Locator("#history li").Nth(3).GetByText("beside").ClickAsync();
        await Expect(Grid("compare")).ToBeVisibleAsync();
        Assert.True(await _page.Locator("#compare .differs").CountAsync() > 0);
    }

    [Fact]
    [Trait("Tier", "slow")]
    public async Task Every_step_can_be_undone_and_a_site_be_chosen()
    {
        await PatchLayer5();
        var patched = await _page.Locator("#patched").InnerTextAsync();
        await _page.GetByLabel("Site").SelectOptionAsync("mlp_out");
        await Expect(Grid("source")).ToHaveAttributeAsync("aria-label", new Regex("logit-lens of mlp_out"));
        await Expect(_page.Locator("#patched")).ToBeEmptyAsync();
        var answer = _model.Read("The capital of France is", NextTokenTechnique.LogitLens.From(Site.MlpOut));
        await Cell("source", 7, 5).ClickAsync();
        await Expect(Detail).ToContainTextAsync("own prediction here is ␣Paris");
        await Expect(Cell("source", 7, 5)).ToHaveTextAsync(answer.Cells.Single(cell => cell.Layer == 7 && cell.Position == 5).Top[0].Token);
        await _page.GetByText("Undo").ClickAsync();
        await _page.GetByText("Undo").ClickAsync();
        await Expect(_page.Locator("#patched")).ToContainTextAsync("patched");
        Assert.Equal(patched, await _page.Locator("#patched").InnerTextAsync());
        await Expect(Cell("source", 9, 5)).ToHaveTextAsync("␣Paris");
        await _page.GetByText("Undo").ClickAsync();
        await Expect(_page.Locator("#patched")).ToBeEmptyAsync();
        await _page.GetByText("Redo").ClickAsync();
        await Expect(_page.Locator("#patched")).ToContainTextAsync("patched");
        await _page.GetByText("Redo").ClickAsync();
        await Expect(Grid("source")).ToHaveAttributeAsync("aria-label", new Regex("logit-lens of mlp_out"));
    }

    [Fact]
    [Trait("Tier", "slow")]
    public async Task A_reading_takes_less_than_a_fifth_of_a_second()
    {
        // Prompts of unlike lengths, so that the status of each reading is its own; the first ones warm everything up.
        var times = new List<int>();
        foreach (var (i, method) in new[] { "logitscope", "token-identity", "logit-lens", "logitscope", "token-identity", "logit-lens" }.Index())
        {
            var text = "The capital of Poland is Warsaw." + string.Concat(Enumerable.Repeat(" It is.", i + 1));
            await _page.GetByLabel("Technique").SelectOptionAsync(method);
            await _page.Locator("#source-text").FillAsync(text);
            await Expect(Status).ToContainTextAsync(new Regex($"^{method} of {_model.Encode(text).Count} tokens in \\d+ ms"));
            times.Add(int.Parse(Regex.Match(await Status.InnerTextAsync(), @"in (\d+) ms").Groups[1].Value, CultureInfo.InvariantCulture));
        }

        times.RemoveRange(0, 3);
        Assert.True(times.Order().ElementAt(1) < 200, $"milliseconds: {string.Join(", ", times)}");
    }

    [Fact]
    [Trait("Tier", "slow")]
    public async Task A_link_holds_the_whole_state_and_no_token()
    {
        await Cell("source", 5, 5).ClickAsync();
        await _page.Keyboard.PressAsync("c");
        await Cell("source", 9, 5).FocusAsync();
        await _page.Keyboard.PressAsync("p");
        await Cell("target", 4, 1).ClickAsync();
        await Expect(Status).ToContainTextAsync("in layer 4 of ?");
        var link = _page.Url;
        Assert.DoesNotContain(_server.Token, link);
        var other = await Open($"{_server.Link}&{link[(link.IndexOf('#') + 1)..]}");
        await Expect(other.Locator("#status")).ToContainTextAsync("layer 5 of ␣is in layer 4 of ?");
        await Expect(other.Locator("#source-text")).ToHaveValueAsync("The capital of France is");
        await Expect(other.Locator("#chart polyline")).ToHaveCountAsync(1);
        Assert.Equal(await _page.Locator("#patched").InnerTextAsync(), await other.Locator("#patched").InnerTextAsync());

        _pages.Add(await Browser.NewPage([]));
        var stranger = _pages[^1];
        await stranger.GotoAsync($"{_server.Address}");
        await Expect(stranger.Locator("#status")).ToContainTextAsync("open the link that the command printed");
    }

    [Fact]
    [Trait("Tier", "slow")]
    public async Task What_is_on_the_page_is_saved()
    {
        var svg = await Saved("SVG");
        Assert.Contains("␣Paris", svg);
        Assert.StartsWith("<svg", svg);
        var csv = (await Saved("CSV")).TrimEnd('\n').Split('\n');
        Assert.Equal(1 + (10 * 6 * 5), csv.Length);
        await PatchLayer5();
        var notebook = JsonDocument.Parse(await Saved("Notebook")).RootElement;
        Assert.Equal(3, notebook.GetProperty("cells").GetArrayLength());
        Assert.Contains("new Source(model, source, 5, 5)", string.Concat(notebook.GetProperty("cells")[2].GetProperty("source").EnumerateArray().Select(line => line.GetString())));
        var png = await File.ReadAllBytesAsync(await Download(_page, "PNG"), TestContext.Current.CancellationToken);
        Assert.Equal("PNG"u8.ToArray(), png[1..4]);

        async Task<string> Saved(string name) => await File.ReadAllTextAsync(await Download(_page, name), TestContext.Current.CancellationToken);
    }

    [Theory]
    [Trait("Tier", "slow")]
    [InlineData("logit-lens", "resid_post", "0", "1")]
    [InlineData("logit-lens", "mlp_out", "0", "1")]
    [InlineData("logitscope", "resid_pre", "1", "2")]
    public async Task A_saved_notebook_runs_and_gives_the_patch_that_the_page_shows(string method, string site, string shift, string scale)
    {
        await _page.GetByLabel("Technique").SelectOptionAsync(method);
        await _page.GetByLabel("Site").SelectOptionAsync(site);
        if (method == "logitscope")
        {
            await _page.GetByLabel("Layer shift").FillAsync(shift);
            await _page.GetByLabel("Scale").FillAsync(scale);
            await _page.GetByLabel("Scale").BlurAsync();
        }

        await Expect(Grid("source")).ToHaveAttributeAsync("aria-label", new Regex(site == "resid_post" ? method : $"{method} of {site}"));
        await PatchLayer5();
        var result = Assert.IsType<PatchResult>(await RunCells(await File.ReadAllTextAsync(await Download(_page, "Notebook"), TestContext.Current.CancellationToken)));
        await Expect(_page.Locator("#patched .said").First).ToHaveTextAsync(result.GeneratedText);
        await Expect(_page.Locator("#patched .note")).ToContainTextAsync(string.Create(CultureInfo.InvariantCulture, $"{result.Change.Kl:F3} nats"));
    }

    [Fact]
    [Trait("Tier", "slow")]
    public async Task A_fitted_lens_is_read_and_its_notebook_finds_it()
    {
        using var folder = new TemporaryFolder();
        AffineLens.Fit(SmallFit.Data(_model), new() { Ridge = 0.1 }, cancellation: TestContext.Current.CancellationToken).Save(folder.Path);
        var lens = FittedTechnique.Load(AffineLens.Kind, folder.Path, _model);
        await using var server = await ExplorerServer.Start(_model, port: 0, (lens, folder.Path));
        var page = await Open(server.Link);
        await page.GetByLabel("Technique").SelectOptionAsync(AffineLens.Kind);
        await Expect(page.GetByLabel("Site")).ToBeDisabledAsync();
        await Expect(page.Locator("#source [role=grid]")).ToHaveAttributeAsync("aria-label", new Regex("affine"));
        var expected = _model.Read("The capital of France is", lens).Cells.Single(cell => cell.Layer == 3 && cell.Position == 5).Top[0].Token;
        await Expect(page.Locator("#source .grid-row").Nth(6).Locator(".cell").Nth(3)).ToHaveTextAsync(expected);
        var read = Assert.IsType<LensResult>(await RunCells(await File.ReadAllTextAsync(await Download(page, "Notebook"), TestContext.Current.CancellationToken)));
        Assert.Equal(expected, read.Cells.Single(cell => cell.Layer == 3 && cell.Position == 5).Top[0].Token);
    }

    [Fact]
    public async Task At_400_percent_only_the_grids_scroll_and_ink_is_seen_in_both_themes()
    {
        await _page.SetViewportSizeAsync(320, 640);
        Assert.True(await _page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= 320);
        await Cell("source", 0, 0).FocusAsync();
        await _page.Keyboard.PressAsync("Control+End");
        Assert.Equal("cell", (await _page.EvaluateAsync<string>("(() => { const box = document.activeElement.getBoundingClientRect(); return document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2).className; })()")).Split(' ')[0]);
        foreach (var theme in new[] { "light", "dark" })
        {
            await _page.GetByLabel("Theme").SelectOptionAsync(theme);
            var contrasts = await _page.EvaluateAsync<double[]>("""
                [...document.querySelectorAll('.cell')].map(cell => {
                  const light = colour => { const [r, g, b] = colour.match(/\d+/g).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
                  const [a, b] = [light(cell.style.backgroundColor), light(cell.style.color)].sort((x, y) => y - x);
                  return (a + 0.05) / (b + 0.05);
                })
                """);
            Assert.True(contrasts.Min() >= 4.5, $"{theme}: {contrasts.Min():F2}");
        }
    }

    [Theory]
    [Trait("Tier", "slow")]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task Axe_finds_nothing_serious(string theme)
    {
        await _page.GetByLabel("Theme").SelectOptionAsync(theme);
        await Cell("source", 9, 5).ClickAsync();
        await _page.Keyboard.PressAsync("p");
        await _page.Keyboard.PressAsync("c");
        await Cell("target", 5, 1).ClickAsync();
        await Expect(_page.Locator("#patched")).ToContainTextAsync("patched");
        await _page.Locator("#history li").First.GetByText("beside").ClickAsync();
        var found = (await _page.RunAxe()).Violations;
        Assert.Equal("", string.Join('\n', found.Select(one => $"{one.Impact} {one.Id}: {string.Join(" | ", one.Nodes.Take(3).Select(node => node.Html))}")));
    }

    private async Task PatchLayer5()
    {
        await Cell("source", 5, 5).ClickAsync();
        await _page.Keyboard.PressAsync("c");
        await Cell("target", 5, 1).ClickAsync();
        await Expect(_page.Locator("#patched")).ToContainTextAsync("patched");
    }

    private static Task<object?> RunCells(string notebook) => Script.Run(JsonDocument.Parse(notebook).RootElement.GetProperty("cells").EnumerateArray()
        .Select(cell => string.Concat(cell.GetProperty("source").EnumerateArray().Select(line => line.GetString()))));

    private static async Task<string> Download(IPage page, string name)
    {
        var download = await page.RunAndWaitForDownloadAsync(() => page.Locator("#exports").GetByText(name, new() { Exact = true }).ClickAsync());
        return await download.PathAsync();
    }

    private ILocator Detail => _page.Locator("#detail");

    private ILocator Status => _page.Locator("#status");

    private ILocator Grid(string host) => _page.Locator($"#{host} [role=grid]");

    private ILocator Cell(string host, int layer, int position) => _page.Locator($"#{host} .grid-row").Nth(position + 1).Locator(".cell").Nth(layer);

    private async Task<IPage> Open(string link)
    {
        var page = await Browser.NewPage(_console, 1300, 1000);
        _pages.Add(page);
        await page.GotoAsync(link);
        await Expect(page.Locator("#status")).ToContainTextAsync("ms");
        return page;
    }
}
