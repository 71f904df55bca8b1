namespace Logitscope.World;

/// <summary>How often each run of n tokens occurs, as a sorted list: runs with the same beginning lie
/// together.</summary>
internal sealed class NGramCounts
{
    private const int BitsOfToken = 21;

    private readonly ulong[] _runs;
    private readonly int[] _counts;

    /// <summary>Counts the runs of <paramref name="n"/> tokens, 1 to 3, of all rows.</summary>
    public NGramCounts(int n, IReadOnlyList<int[]> rows)
    {
        var all = rows
            .SelectMany(row => Enumerable.Range(0, Math.Max(0, row.Length - n + 1)).Select(i => Key(row.AsSpan(i, n))))
            .ToArray();
        Array.Sort(all);
        var runs = new List<ulong>();
        var counts = new List<int>();
        foreach (var run in all)
        {
            if (runs.Count == 0 || runs[^1] != run)
            {
                runs.Add(run);
                counts.Add(0);
            }

            counts[^1]++;
        }

        (_runs, _counts) = ([.. runs], [.. counts]);
    }

    /// <summary>What follows a context of n - 1 tokens: each token with its count.</summary>
    public IEnumerable<(int Token, int Count)> After(ReadOnlySpan<int> context)
    {
        var from = Key(context) << BitsOfToken;
        var to = IndexOf(from + (1UL << BitsOfToken));
        return Enumerable.Range(IndexOf(from), to - IndexOf(from))
            .Select(i => ((int)(_runs[i] - from), _counts[i]));
    }

    private int IndexOf(ulong run)
    {
        var found = Array.BinarySearch(_runs, run);
        return found >= 0 ? found : ~found;
    }

    private static ulong Key(ReadOnlySpan<int> tokens)
    {
        var key = 0UL;
        foreach (var token in tokens)
        {
            key = (key << BitsOfToken) | (uint)token;
        }

        return key;
    }
}
