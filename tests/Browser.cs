using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Logitscope.Tests;

/// <summary>Opens pages in headless Chromium without a network; tests are skipped where there is no Chromium.</summary>
internal static partial class Browser
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];

    private static readonly string[] s_flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--enable-logging=stderr", "--v=0", "--log-level=0", "--virtual-time-budget=8000", "--window-size=1000,900",
        "--dump-dom",
    ];

    /// <summary>The plotly.min.js that the library finds.</summary>
    public static PlotlyLibrary Plotly()
    {
        var found = PlotlyLibrary.Find();
        Assert.SkipWhen(found is null, "no plotly.min.js beside the library");
        return found!;
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
        var chromium = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(chromium is null, "no Chromium on the PATH");

        using var profile = new TemporaryFolder();
        string[] arguments = [.. s_flags, $"--user-data-dir={profile.Path}", new Uri(path).AbsoluteUri];
        using var process = Process.Start(new ProcessStartInfo(chromium!, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var cancellation = TestContext.Current.CancellationToken;
        var dom = process.StandardOutput.ReadToEndAsync(cancellation);
        var log = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation).WaitAsync(TimeSpan.FromMinutes(2), cancellation);
        Assert.Equal(0, process.ExitCode);
        return (await dom, [.. (await log).Split('\n').Where(line => ConsoleLine().IsMatch(line))]);
    }

    [GeneratedRegex(@"[:\]]CONSOLE[:(]")]
    private static partial Regex ConsoleLine();
}
