using System.Diagnostics;

namespace Logitscope.Bench;

/// <summary>Wall time.</summary>
internal static class Watch
{
    /// <summary>The shortest of several runs: on a shared machine, the one least disturbed.</summary>
    public static (double Seconds, T Result) Best<T>(int rounds, Func<T> run)
    {
        var (seconds, _, result) = BestWithProcessor(rounds, run);
        return (seconds, result);
    }

    /// <summary>The same, and the least time that the processor's cores spent in all: what a busy machine disturbs little.</summary>
    public static (double Seconds, double Processor, T Result) BestWithProcessor<T>(int rounds, Func<T> run)
    {
        using var process = Process.GetCurrentProcess();
        var (seconds, processor, result) = (double.PositiveInfinity, double.PositiveInfinity, default(T));
        for (var round = 0; round < rounds; round++)
        {
            process.Refresh();
            var (watch, before) = (Stopwatch.StartNew(), process.TotalProcessorTime);
            result = run();
            seconds = Math.Min(seconds, watch.Elapsed.TotalSeconds);
            process.Refresh();
            processor = Math.Min(processor, (process.TotalProcessorTime - before).TotalSeconds);
        }

        return (seconds, processor, result!);
    }
}
