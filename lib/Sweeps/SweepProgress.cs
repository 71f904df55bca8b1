using System.Globalization;

namespace Logitscope;

/// <summary>How far a sweep is.</summary>
/// <param name="Done">Cells with a row, those of an earlier run included.</param>
/// <param name="Cells">Cells in all.</param>
/// <param name="Computed">Cells that this run computed.</param>
/// <param name="Elapsed">Since this run began.</param>
/// <param name="Spent">What the computed cells cost.</param>
/// <param name="Ahead">What the others will.</param>
public sealed record SweepProgress(
    int Done, int Cells, int Computed, TimeSpan Elapsed, SweepCost Spent, SweepCost Ahead)
{
    /// <summary>Cells a second of this run.</summary>
    public double Rate => PerSecond(Computed);

    /// <summary>Source tokens a second of this run.</summary>
    public double TokenRate => PerSecond(Spent.SourceTokens);

    /// <summary>Floating-point operations a second of this run, matrix products only.</summary>
    public double FlopRate => PerSecond(Spent.Flop);

    /// <summary>Time left at this run's rate, by operations; null before the first cell.</summary>
    public TimeSpan? Left => Spent.Flop == 0 ? null : Elapsed * (Ahead.Flop / Spent.Flop);

    /// <summary>Share done, rates and time left.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{100.0 * Done / Cells:F0} %  {Done:N0} of {Cells:N0} cells, {Rate:N0}/s  {TokenRate:N0} tokens/s  {FlopRate / 1e9:N0} GFLOP/s  "
        + $"{Left:hh\\:mm\\:ss} left");

    private double PerSecond(double amount) => Elapsed > TimeSpan.Zero ? amount / Elapsed.TotalSeconds : 0;
}

/// <summary>Progress as lines on the console, one a tenth of the work: what a notebook can show in any engine.</summary>
public sealed class ConsoleProgress : IProgress<SweepProgress>
{
    private const int Lines = 10;

    private int _shown;

    /// <inheritdoc/>
    public void Report(SweepProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var tenths = Lines * value.Done / value.Cells;
        if (tenths > _shown)
        {
            _shown = tenths;
            Console.WriteLine(value);
        }
    }
}
