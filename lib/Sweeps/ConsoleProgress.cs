namespace Logitscope.Sweeps;

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
