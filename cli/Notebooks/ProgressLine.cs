using System.Diagnostics;

namespace Logitscope.Cli.Notebooks;

/// <summary>One line for one notebook: on a terminal rewritten while it runs, elsewhere written at its end.</summary>
internal sealed class ProgressLine : IDisposable
{
    private readonly TextWriter error;
    private readonly string name;
    private readonly int total;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly Timer? ticker;
    private volatile int done;

    public ProgressLine(TextWriter error, string name, int total)
    {
        this.error = error;
        this.name = name;
        this.total = total;
        if (ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected)
        {
            ticker = new Timer(_ => error.Write($"\r{Text}\e[K"), null, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
        }
    }

    private string Text => $"{name}  {done}/{total} cells  {watch.Elapsed.TotalSeconds:0.0} s";

    public void Advance(int cellsDone) => done = cellsDone;

    /// <summary>Writes the line as it shall stay.</summary>
    public void Finish(string outcome)
    {
        Dispose();
        error.WriteLine((ticker is null ? "" : "\r\e[K") + Text + outcome);
    }

    public void Dispose()
    {
        using var stopped = new ManualResetEvent(false);
        if (ticker?.Dispose(stopped) == true)
        {
            stopped.WaitOne();
        }
    }
}
