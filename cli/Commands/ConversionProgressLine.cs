using Logitscope.Checkpoints;

namespace Logitscope.Cli.Commands;

/// <summary>Share done, rate and time left, on one line that is written over; silent where that is no terminal.</summary>
internal sealed class ConversionProgressLine(TextWriter writer) : IProgress<ConversionProgress>, IDisposable
{
    private const double Mebibyte = 1 << 20;

    private readonly bool _live = ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected;

    public void Report(ConversionProgress value)
    {
        if (_live)
        {
            writer.Write(
                $"\r{100.0 * value.Done / value.Total:F1} %  {value.Done / Mebibyte:N0} of {value.Total / Mebibyte:N0} MiB  "
                + $"{value.Rate / Mebibyte:N0} MiB a second  {value.Left:hh\\:mm\\:ss} left   ");
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
