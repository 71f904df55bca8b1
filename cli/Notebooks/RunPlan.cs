using Logitscope.Charts;

namespace Logitscope.Cli.Notebooks;

/// <summary>Everything that can be known, and refused, before the first cell runs.</summary>
/// <param name="Notebooks">In the order in which they run.</param>
/// <param name="OutFolder">Absolute path.</param>
/// <param name="Plotly">Put into pages with charts; null for the public copy, which needs a network.</param>
internal sealed record RunPlan(IReadOnlyList<Notebook> Notebooks, string OutFolder, PlotlyLibrary? Plotly)
{
    /// <exception cref="NotebookException">A notebook cannot be run, or two results would be one file.</exception>
    /// <exception cref="ChartException">The environment names a plotly.min.js that is not there.</exception>
    public static RunPlan Make(IReadOnlyList<string> paths, string outFolder)
    {
        if (outFolder.Length == 0)
        {
            throw new NotebookException("--out is empty; expected a folder");
        }

        List<Notebook> notebooks = [.. paths.Select(NotebookReader.Read)];
        var absolute = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outFolder));
        if (notebooks.CountBy(notebook => notebook.FileName).FirstOrDefault(name => name.Value > 1).Key is { } twice)
        {
            throw new NotebookException($"two notebooks are named {twice}; their results would be one file");
        }

        if (notebooks.Find(notebook => notebook.Folder == absolute) is { } source)
        {
            throw new NotebookException($"--out {outFolder} would overwrite {source.FileName}; expected another one");
        }

        return new RunPlan(notebooks, absolute, PlotlyLibrary.Find());
    }

    public string OutPath(string fileName) => Path.Combine(OutFolder, fileName);
}
