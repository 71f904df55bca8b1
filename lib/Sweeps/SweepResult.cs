namespace Logitscope.Sweeps;

/// <summary>A finished sweep.</summary>
/// <param name="Rows">Every cell.</param>
/// <param name="Summary">Means by method and layer.</param>
public sealed record SweepResult(IReadOnlyList<SweepRow> Rows, SweepSummary Summary)
{
    /// <summary>Writes <c>summary.json</c>, whole or not at all.</summary>
    internal void WriteSummary(string folder)
    {
        var path = Path.Combine(folder, SweepSummary.File);
        try
        {
            File.WriteAllText(path + ".part", Summary.ToJson() + "\n");
            File.Move(path + ".part", path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SweepException($"{path}: cannot be written: {error.Message}", error);
        }
    }
}
