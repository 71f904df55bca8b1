using System.Diagnostics;

namespace Logitscope.Cli.Notebooks;

/// <summary>One line for one notebook: on a terminal rewritten while it runs, elsewhere written at its end.</summary>
internal sealed class ProgressLine : IDisposable
{
    private readonly TextWriter _error;
    private readonly string _name;
    private readonly int _total;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Timer? _ticker;
    private volatile int _done;

    public ProgressLine(TextWriter error, string name, int total)
    {
        _error = error;
        _name = name;
        _total = total;
        if (ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected)
        {
            _ticker = new Timer(_ => error.Write($"\r{Text}\e[K"), null, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
        }
    }

    private string Text => $"{_name}  {_done}/{_total} cells  {_watch.Elapsed.TotalSeconds:0.0} s";

    public void Advance(int cellsDone) => _done = cellsDone;

    /// <summary>Writes the line as it shall stay.</summary>
    public void Finish(string outcome)
    {
        Dispose();
        _error.WriteLine((_ticker is null ? "" : "\r\e[K") + Text + outcome);
    }

    public void Dispose()
    {
        using var stopped = new ManualResetEvent(false);
        if (_ticker?.Dispose(stopped) == true)
        {
            stopped.WaitOne();
        }
    }
}
