namespace Logitscope.Cli.Notebooks;

/// <summary>A notebook and what its cells put out.</summary>
/// <param name="Source">The notebook as read.</param>
/// <param name="Runs">By code cell number; a cell that is absent did not run.</param>
internal sealed record ExecutedNotebook(Notebook Source, IReadOnlyDictionary<int, CellRun> Runs)
{
    /// <summary>The cell's run, or null where it did not run.</summary>
    public CellRun? RunOf(Cell cell) => Runs.GetValueOrDefault(cell.Number);

    /// <summary>Cells that failed, in order.</summary>
    public IEnumerable<(Cell Cell, CellFailure Failure)> Failures =>
        from cell in Source.Cells
        let failure = RunOf(cell)?.Failure
        where failure is not null
        select (cell, failure);
}
