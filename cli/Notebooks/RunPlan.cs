using Logitscope.Cli.Notebooks.Pages;

namespace Logitscope.Cli.Notebooks;

/// <summary>Everything that can be known, and refused, before the first cell runs.</summary>
/// <param name="Notebooks">In the order in which they run.</param>
/// <param name="OutFolder">Absolute path.</param>
/// <param name="Plotly">Where pages with charts take plotly.js from.</param>
internal sealed record RunPlan(IReadOnlyList<Notebook> Notebooks, string OutFolder, PlotlyScript Plotly)
{
    /// <exception cref="NotebookException">A notebook cannot be run, or two results would be one file.</exception>
    public static RunPlan Make(IReadOnlyList<string> paths, string outFolder)
    {
        var plan = new RunPlan(
            [.. paths.Select(NotebookReader.Read)],
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(outFolder)),
            PlotlyScript.Find());
        foreach (var namesakes in plan.Notebooks.GroupBy(notebook => notebook.FileName).Where(group => group.Count() > 1))
        {
            throw new NotebookException(
                $"two notebooks are named {namesakes.Key}; their results would be one file in {outFolder}");
        }

        if (plan.Notebooks.FirstOrDefault(notebook => notebook.Folder == plan.OutFolder) is { } overwritten)
        {
            throw new NotebookException($"--out {outFolder} would overwrite {overwritten.FileName}; expected another folder");
        }

        return plan;
    }

    public string OutPath(string fileName) => Path.Combine(OutFolder, fileName);
}
