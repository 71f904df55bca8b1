namespace Logitscope.Cli.Notebooks;

/// <summary>The run of one cell.</summary>
/// <param name="Outputs">What it put out, in order.</param>
/// <param name="Failure">Why it failed, or null.</param>
internal sealed record CellRun(IReadOnlyList<Output> Outputs, CellFailure? Failure);
