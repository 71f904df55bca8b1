using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Logitscope.Tests.Notebooks;

/// <summary>Opens a page in headless Chromium, without a network.</summary>
internal sealed partial class PageProbe
{
    private const string Chromium = "/usr/bin/chromium";

    private PageProbe(string dom, string[] console)
    {
        Dom = dom;
        Console = console;
    }

    /// <summary>The document after its scripts have run.</summary>
    public string Dom { get; }

    /// <summary>What the page wrote to the console: errors, warnings, failed requests.</summary>
    public string[] Console { get; }

    /// <summary>Opens a local file; the test is skipped where there is no browser.</summary>
    public static async Task<PageProbe> OpenAsync(string path)
    {
        Assert.SkipUnless(File.Exists(Chromium), $"{Chromium} is not on this machine");
        var profile = Directory.CreateTempSubdirectory("logitscope-browser-");
        try
        {
            using var browser = Process.Start(new ProcessStartInfo(
                Chromium,
                [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--log-level=0",
                    $"--user-data-dir={profile.FullName}", "--virtual-time-budget=5000", "--dump-dom",
                    new Uri(path).AbsoluteUri,
                ])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var log = browser.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var dom = await browser.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await browser.WaitForExitAsync(TestContext.Current.CancellationToken);
            return new PageProbe(dom, [.. (await log).Split('\n').Where(line => ConsoleLine().IsMatch(line))]);
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"[:\]]CONSOLE[:(]")]
    private static partial Regex ConsoleLine();
}
