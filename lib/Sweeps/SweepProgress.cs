namespace Logitscope.Sweeps;

/// <summary>How far a sweep is.</summary>
/// <param name="Done">Cells with a row, those of an earlier run included.</param>
/// <param name="Cells">Cells in all.</param>
/// <param name="Computed">Cells that this run computed.</param>
/// <param name="Elapsed">Since this run began.</param>
public sealed record SweepProgress(int Done, int Cells, int Computed, TimeSpan Elapsed)
{
    /// <summary>Cells a second of this run.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Computed / Elapsed.TotalSeconds : 0;

    /// <summary>Time left at this run's rate; null before the first cell.</summary>
    public TimeSpan? Left => Computed == 0 ? null : TimeSpan.FromSeconds((Cells - Done) / Rate);
}
