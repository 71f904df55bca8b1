using Microsoft.CodeAnalysis.Scripting.Hosting;
using Microsoft.DotNet.Interactive;

namespace Logitscope.Cli.Notebooks;

/// <summary>Runs the code cells of one notebook, top to bottom.</summary>
/// <param name="notebook">What to run.</param>
/// <param name="loader">Shared by all notebooks of a process.</param>
/// <param name="keepGoing">Whether cells after a failed one run too.</param>
/// <param name="cancellation">Ends the run after the cell that is running.</param>
internal sealed class NotebookExecution(
    Notebook notebook, InteractiveAssemblyLoader loader, bool keepGoing, CancellationToken cancellation)
{
    /// <summary>How long an interrupted cell may take to notice.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(3);

    private readonly CSharpSession _session = new(notebook.Folder, loader);
    private readonly List<(Cell Cell, CellOutputs Outputs, CellFailure? Failure)> _runs = [];
    private CellOutputs _current = new();

    /// <summary>Runs the cells; code that fails is part of the result, not an exception.</summary>
    /// <param name="onCellDone">Told the number of cells that have run.</param>
    public async Task<ExecutedNotebook> RunAsync(Action<int> onCellDone)
    {
        ValueFormatter.Reset();
        using var loan = new ProcessLoan(notebook.Folder, (stream, text) => _current.Write(stream, text));
        foreach (var cell in notebook.Cells.Where(cell => cell.Kind == CellKind.Code))
        {
            _current = new CellOutputs();
            var failure = await RunToEndOrInterruptAsync(cell, _current).ConfigureAwait(false);
            _runs.Add((cell, _current, failure));
            onCellDone(_runs.Count);
            if ((failure is not null && !keepGoing) || cancellation.IsCancellationRequested)
            {
                break;
            }
        }

        return new ExecutedNotebook(
            notebook,
            _runs.ToDictionary(run => run.Cell.Number, run => new CellRun(run.Outputs.Snapshot(), run.Failure)));
    }

    private async Task<CellFailure?> RunToEndOrInterruptAsync(Cell cell, CellOutputs outputs)
    {
        KernelInvocationContext.Current = new KernelInvocationContext(outputs, cancellation);
        var running = Task.Run(() => RunToEndAsync(cell, outputs), CancellationToken.None);
        try
        {
            return await running.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAny(running, Task.Delay(s_grace, CancellationToken.None)).ConfigureAwait(false);
        }

        if (running.IsCompleted)
        {
            return await running.ConfigureAwait(false);
        }

        var abandoned = CellFailure.Abandoned(s_grace);
        outputs.CloseWith(abandoned.Error);
        return abandoned;
    }

    private async Task<CellFailure?> RunToEndAsync(Cell cell, CellOutputs outputs)
    {
        var result = await _session.RunAsync(Magics.Blank(cell.Source), cell.Label).ConfigureAwait(false);
        var failure = result.Failure;
        if (result.HasValue)
        {
            try
            {
                outputs.Add(new DisplayOutput(ValueFormatter.Format(result.Value, []), isResult: true));
            }
            catch (Exception e)
            {
                // The value's own code runs here too: a lazy sequence, a property, a formatter.
                failure = CellFailure.FromException(e, cell.Label);
            }
        }

        if (failure is not null)
        {
            outputs.Add(failure.Error);
        }

        return failure;
    }
}
