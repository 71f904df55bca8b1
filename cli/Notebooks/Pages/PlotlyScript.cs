namespace Logitscope.Cli.Notebooks.Pages;

/// <summary>Where a page takes plotly.js from.</summary>
/// <param name="LocalCopy">Put into the page; null for the public copy, which needs a network.</param>
internal sealed record PlotlyScript(string? LocalCopy)
{
    /// <summary>Names a local copy of plotly.min.js.</summary>
    public const string Variable = "LOGITSCOPE_PLOTLY";

    private const string PublicCopy = "https://cdn.jsdelivr.net/npm/plotly.js-dist-min@4.1.2/plotly.min.js";

    /// <summary>The named copy, else the one beside the program, else the public one.</summary>
    /// <exception cref="NotebookException">The variable names a file that is not there.</exception>
    public static PlotlyScript Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return File.Exists(named)
                ? new PlotlyScript(Path.GetFullPath(named))
                : throw new NotebookException($"{Variable} is '{named}', which is not a file; expected plotly.min.js");
        }

        var beside = Path.Combine(AppContext.BaseDirectory, "plotly.min.js");
        return new PlotlyScript(File.Exists(beside) ? beside : null);
    }

    /// <summary>The script element for the page's head.</summary>
    public string Element()
    {
        if (LocalCopy is null)
        {
            return $"<script src=\"{PublicCopy}\"></script>\n";
        }

        var source = File.ReadAllText(LocalCopy);
        return $"<script>{source.Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase)}</script>\n";
    }
}
