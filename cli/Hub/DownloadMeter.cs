using System.Diagnostics;

namespace Logitscope.Cli.Hub;

/// <summary>Makes progress reports, a few a second, out of counts that come from many threads.</summary>
internal sealed class DownloadMeter(long total, IProgress<DownloadProgress>? progress)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(0.25);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private long _first = -1;
    private long _done;
    private TimeSpan _next;
    private string _file = string.Empty;

    /// <summary>Tells how much is done.</summary>
    public void Report(string file, long done)
    {
        lock (_lock)
        {
            _first = _first < 0 ? done : _first;
            _done = done;
            var isNew = file != _file;
            _file = file;
            if (isNew || done == total || _watch.Elapsed >= _next)
            {
                _next = _watch.Elapsed + s_every;
                Send(null);
            }
        }
    }

    /// <summary>Tells why nothing happens.</summary>
    public void Note(string note)
    {
        lock (_lock)
        {
            Send(note);
        }
    }

    private void Send(string? note)
    {
        var rate = Math.Max(0, _done - _first) / Math.Max(_watch.Elapsed.TotalSeconds, 1e-3);
        TimeSpan? left = rate > 0 ? TimeSpan.FromSeconds(Math.Min((total - _done) / rate, int.MaxValue)) : null;
        progress?.Report(new DownloadProgress(_file, _done, total, rate, left, note));
    }
}

/// <summary>How far a download is.</summary>
/// <param name="File">What is fetched now.</param>
/// <param name="Done">Of <paramref name="Total"/>, those of earlier runs included.</param>
/// <param name="Total">Bytes of a repository, or documents of a data set.</param>
/// <param name="Rate">A second, in this run.</param>
/// <param name="Left">Time left at that rate; null as long as there is none.</param>
/// <param name="Note">Why it waits, where it does.</param>
internal sealed record DownloadProgress(string File, long Done, long Total, double Rate, TimeSpan? Left, string? Note);
