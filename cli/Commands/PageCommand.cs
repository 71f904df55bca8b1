using System.CommandLine;
using Logitscope.Cli.Pages;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope page</c>: shows executed notebooks as pages, and says which cells failed.</summary>
internal static class PageCommand
{
    /// <summary>The exit code when a cell failed, as dotnet-repl has it.</summary>
    private const int CellFailed = 2;

    public static Command Create()
    {
        var notebooks = new Argument<string[]>("notebook")
        {
            Description = "Executed notebooks (.ipynb), as dotnet-repl or Jupyter wrote them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var folder = new Option<string>("--out") { Description = "Gets the pages.", Required = true, HelpName = "DIR" };
        var source = new Option<string>("--source")
        {
            Description = "Folder of the notebooks themselves, where their relative links begin.",
            HelpName = "DIR",
        };
        var command = new Command("page", "Makes a page of each executed notebook; exit code 2 when a cell failed.")
        {
            notebooks, folder, source,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(notebooks),
            parsed.GetRequiredValue(folder),
            parsed.GetValue(source),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string[] paths, string folder, string? source, TextWriter output, TextWriter error)
    {
        if (folder.Length == 0)
        {
            throw new NotebookException("--out is empty: expected a folder");
        }

        ExecutedNotebook[] notebooks = [.. paths.Select(ExecutedNotebook.Read)];
        if (notebooks.CountBy(notebook => notebook.Name).FirstOrDefault(name => name.Value > 1).Key is { } twice)
        {
            throw new NotebookException($"two notebooks are named {twice}; their pages would be one file");
        }

        var plotly = PlotlyLibrary.Find();
        var linkRoot = string.IsNullOrEmpty(source) ? null : Path.GetRelativePath(folder, source).Replace('\\', '/');
        Directory.CreateDirectory(folder);
        var failed = false;
        foreach (var notebook in notebooks)
        {
            var page = Path.GetFullPath(Path.Combine(folder, $"{notebook.Name}.html"));
            AtomicFile.Write(page, new NotebookPage(notebook, notebooks, plotly, linkRoot).Render());
            output.WriteLine(page);
            foreach (var cell in notebook.Cells)
            {
                if (cell.Failure is { } failure)
                {
                    failed = true;
                    Report(notebook, cell, failure, error);
                }
            }
        }

        return failed ? CellFailed : 0;
    }

    private static void Report(ExecutedNotebook notebook, Cell cell, CellFailure failure, TextWriter error)
    {
        var where = failure.Line is { } number ? $", line {number}" : "";
        error.WriteLine($"{notebook.Name}: cell [{cell.Number}]{where}: {failure.Error}");
        if (failure.Line is { } line && cell.Source.Split('\n').ElementAtOrDefault(line - 1) is { } source)
        {
            error.WriteLine($"    {source.Trim()}");
        }
    }
}
