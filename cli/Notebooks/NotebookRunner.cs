using Logitscope.Cli.Notebooks.Pages;
using Microsoft.CodeAnalysis.Scripting.Hosting;

namespace Logitscope.Cli.Notebooks;

/// <summary>Runs notebooks without an editor, as <c>logitscope run</c> does.</summary>
public static class NotebookRunner
{
    /// <summary>All cells ran.</summary>
    public const int Success = 0;

    /// <summary>A notebook cannot be run, or a result cannot be written.</summary>
    public const int Unusable = 1;

    /// <summary>A cell failed.</summary>
    public const int CellFailed = 2;

    /// <summary>The run was interrupted, as shells number it.</summary>
    public const int Interrupted = 130;

    /// <summary>
    /// Runs each notebook in a fresh C# state and writes it, executed, with a page of the same name to a folder.
    /// </summary>
    /// <param name="notebooks">Paths of .ipynb files.</param>
    /// <param name="outFolder">Made if absent; files of the same names are replaced.</param>
    /// <param name="keepGoing">Whether to go on after a failed cell, in that notebook and with the next.</param>
    /// <param name="error">Progress and errors.</param>
    /// <param name="cancellation">Interrupts the run; what has run is written.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> notebooks,
        string outFolder,
        bool keepGoing,
        TextWriter error,
        CancellationToken cancellation)
    {
        try
        {
            var plan = RunPlan.Make(notebooks, outFolder);
            return await RunAsync(plan, keepGoing, error, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is LogitscopeException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return Unusable;
        }
    }

    private static async Task<int> RunAsync(
        RunPlan plan, bool keepGoing, TextWriter error, CancellationToken cancellation)
    {
        using var loader = new InteractiveAssemblyLoader();
        var exitCode = Success;
        foreach (var notebook in plan.Notebooks)
        {
            if (cancellation.IsCancellationRequested || (exitCode != Success && !keepGoing))
            {
                await error.WriteLineAsync($"{notebook.FileName}  not run").ConfigureAwait(false);
                continue;
            }

            using var progress = new ProgressLine(
                error, notebook.FileName, notebook.Cells.Count(cell => cell.Kind == CellKind.Code));
            var executed = await new NotebookExecution(notebook, loader, keepGoing, cancellation)
                .RunAsync(progress.Advance).ConfigureAwait(false);
            Directory.CreateDirectory(plan.OutFolder);
            AtomicFile.Write(plan.OutPath(notebook.FileName), NotebookWriter.Write(executed));
            AtomicFile.Write(plan.OutPath(notebook.PageName), new NotebookPage(executed, plan).Render());
            exitCode = executed.Failures.Any() ? CellFailed : exitCode;
            progress.Finish(
                cancellation.IsCancellationRequested ? "  interrupted" : executed.Failures.Any() ? "  failed" : "");
            await ReportFailuresAsync(executed, error).ConfigureAwait(false);
        }

        return cancellation.IsCancellationRequested ? Interrupted : exitCode;
    }

    private static async Task ReportFailuresAsync(ExecutedNotebook executed, TextWriter error)
    {
        foreach (var (cell, failure) in executed.Failures)
        {
            var (where, source) = failure.Line is { } line
                ? ($", line {line}", cell.Source.Split('\n').ElementAtOrDefault(line - 1)?.Trim())
                : ("", null);
            var (name, message) = (failure.Error.Name, failure.Error.Message.ReplaceLineEndings(" "));
            await error.WriteLineAsync($"{executed.Source.FileName}: {cell.Label}{where}: {name}: {message}")
                .ConfigureAwait(false);
            if (!string.IsNullOrEmpty(source))
            {
                await error.WriteLineAsync($"    {source}").ConfigureAwait(false);
            }
        }
    }
}
