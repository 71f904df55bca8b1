using Logitscope.Sweeps;

namespace Logitscope.Cli.Commands;

/// <summary>Share done, rate and time left, on one line that is written over; silent where that is no terminal.</summary>
internal sealed class SweepProgressLine(TextWriter writer) : IProgress<SweepProgress>, IDisposable
{
    private readonly bool _live = ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected;

    public void Report(SweepProgress value)
    {
        if (_live)
        {
            writer.Write(
                $"\r{100.0 * value.Done / value.Cells:F1} %  {value.Done:N0} of {value.Cells:N0} cells  "
                + $"{value.Rate:N0} a second  {value.Left:hh\\:mm\\:ss} left   ");
        }
    }

    public void Dispose()
    {
        if (_live)
        {
            writer.WriteLine();
        }
    }
}
