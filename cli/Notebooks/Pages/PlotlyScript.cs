namespace Logitscope.Cli.Notebooks.Pages;

/// <summary>Where a page takes plotly.js from.</summary>
/// <param name="File">A local copy that is put into the page, or null for the public one, which needs a network.</param>
internal sealed record PlotlyScript(string? File)
{
    /// <summary>Names a local copy of plotly.min.js.</summary>
    public const string Variable = "LOGITSCOPE_PLOTLY";

    private const string PublicCopy = "https://cdn.jsdelivr.net/npm/plotly.js-dist-min@3/plotly.min.js";

    /// <summary>The named copy, else the one beside the program, else the public one.</summary>
    /// <exception cref="NotebookException">The variable names a file that is not there.</exception>
    public static PlotlyScript Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return System.IO.File.Exists(named)
                ? new PlotlyScript(Path.GetFullPath(named))
                : throw new NotebookException($"{Variable} names '{named}', which is not a file; expected plotly.min.js");
        }

        var beside = Path.Combine(AppContext.BaseDirectory, "plotly.min.js");
        return new PlotlyScript(System.IO.File.Exists(beside) ? beside : null);
    }

    /// <summary>The script element for the page's head.</summary>
    public string Element() => File is null
        ? $"<script src=\"{PublicCopy}\"></script>\n"
        : $"<script>{System.IO.File.ReadAllText(File).Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase)}</script>\n";
}
