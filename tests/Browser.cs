using Microsoft.Playwright;

namespace Logitscope.Tests;

/// <summary>
/// Opens pages in one headless Chromium that all tests share, without a network; tests are skipped where there is no Chromium.
/// </summary>
internal static class Browser
{
    private static readonly string[] s_flags = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];

    // Milliseconds: a page shares two cores with a workbook and a build here, and thirty seconds were not always enough.
    private const float SlowMachine = 180_000;

    // When nothing has changed for a while and no script of the page asks to wait; without the megabytes of a library's text.
    private const string WhenDrawn = """
        async () => {
          const size = () => document.documentElement.innerHTML.length, later = ms => new Promise(done => setTimeout(done, ms));
          for (let before = -1, now = size(); before !== now || document.body.dataset.waits; before = now, now = size()) await later(200);
          const copy = document.documentElement.cloneNode(true);
          for (const script of copy.querySelectorAll('script')) if (script.textContent.length > 100000) script.textContent = '';
          return copy.outerHTML;
        }
        """;

    private static readonly Lazy<Task<IBrowser>> s_browser = new(async () =>
    {
        Assertions.SetDefaultExpectTimeout(SlowMachine); // five seconds otherwise
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Find(), Args = s_flags });
    });

    /// <summary>The plotly.min.js that the library finds.</summary>
    public static PlotlyLibrary Plotly()
    {
        var found = PlotlyLibrary.Find();
        Assert.SkipWhen(found is null, "no plotly.min.js beside the library");
        return found!;
    }

    /// <summary>An empty page, alone in its context, which goes with it; what it writes to the console goes into a list.</summary>
    public static async Task<IPage> NewPage(List<string> console, int width = 1000, int height = 900)
    {
        Assert.SkipWhen(Chromium.Find() is null, "no Chromium on the PATH");
        var page = await (await s_browser.Value).NewPageAsync(new() { AcceptDownloads = true, ViewportSize = new() { Width = width, Height = height } });
        page.SetDefaultTimeout(SlowMachine);
        page.Console += (_, message) => console.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => console.Add(error);
        return page;
    }

    /// <summary>The document after its scripts have run, and what it wrote to the console.</summary>
    public static async Task<(string Dom, string[] Console)> Open(string html)
    {
        using var folder = new TemporaryFolder();
        return await OpenFile(folder.Write("page.html", html));
    }

    /// <summary>The same for a file.</summary>
    public static async Task<(string Dom, string[] Console)> OpenFile(string path)
    {
        var console = new List<string>();
        var page = await NewPage(console);
        try
        {
            await page.GotoAsync(new Uri(path).AbsoluteUri, new() { WaitUntil = WaitUntilState.Load });
            return (await page.EvaluateAsync<string>(WhenDrawn), [.. console]);
        }
        finally
        {
            await page.CloseAsync();
        }
    }
}
