using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary>Progress on one line of the terminal that is written over; silent where standard error is no terminal.</summary>
/// <typeparam name="T">What the progress is told in.</typeparam>
/// <param name="parsed">The command line, which knows where errors go.</param>
/// <param name="show">The line.</param>
internal sealed class LiveLine<T>(ParseResult parsed, Func<T, string> show) : IProgress<T>, IDisposable
{
    private readonly TextWriter _writer = parsed.InvocationConfiguration.Error;
    private bool _written;

    public void Report(T value)
    {
        if (ReferenceEquals(_writer, Console.Error) && !Console.IsErrorRedirected)
        {
            _written = true;
            _writer.Write($"\r{show(value)}\e[K");
        }
    }

    public void Dispose()
    {
        if (_written)
        {
            _writer.WriteLine();
        }
    }
}
