using System.Diagnostics;

namespace Logitscope.Bench;

/// <summary>Wall time.</summary>
internal static class Watch
{
    /// <summary>The shortest of several runs: on a shared machine, the one least disturbed.</summary>
    public static (double Seconds, T Result) Best<T>(int rounds, Func<T> run)
    {
        var (best, result) = (double.PositiveInfinity, default(T));
        for (var round = 0; round < rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            result = run();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }

        return (best, result!);
    }
}
