using System.Diagnostics;
using Logitscope.Charts;

namespace Logitscope.Tests.Charts;

/// <summary>Opens pages in headless Chromium without a network; tests are skipped where there is no Chromium.</summary>
internal static class Browser
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];

    private static readonly string[] s_flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--enable-logging=stderr", "--v=0", "--virtual-time-budget=8000", "--window-size=1000,900", "--dump-dom",
    ];

    /// <summary>The local plotly.min.js.</summary>
    public static PlotlyLibrary Plotly()
    {
        var found = PlotlyLibrary.Find();
        Assert.SkipWhen(found is null,
            $"no plotly.min.js: run eng/fetch-plotly.sh and set {PlotlyLibrary.Variable} to it");
        return found!;
    }

    /// <summary>The document after its scripts have run, and what it wrote to the console.</summary>
    public static async Task<(string Dom, string[] Console)> Open(string html)
    {
        var chromium = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(chromium is null, "no Chromium on the PATH");

        var folder = Directory.CreateTempSubdirectory("logitscope-browser");
        try
        {
            var page = Path.Combine(folder.FullName, "page.html");
            await File.WriteAllTextAsync(page, html);
            return await Run(chromium!,
                [.. s_flags, $"--user-data-dir={folder.FullName}/profile", $"file://{page}"]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(string Dom, string[] Console)> Run(string chromium, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(chromium, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var dom = process.StandardOutput.ReadToEndAsync();
        var log = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(0, process.ExitCode);
        return (await dom, [.. (await log).Split('\n').Where(line => line.Contains(":CONSOLE"))]);
    }
}
