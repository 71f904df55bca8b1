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
            writer.Write($"\r{value}   ");
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
