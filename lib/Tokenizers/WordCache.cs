using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Logitscope.Tokenizers;

/// <summary>
/// The ids of pieces seen before: a text's words repeat, their merging need not. It is bounded: a long piece is not
/// kept, and a full cache starts anew.
/// </summary>
internal sealed class WordCache
{
    private const int Capacity = 1 << 17;
    private const int LongestKept = 48;

    private volatile ConcurrentDictionary<string, int[]> _ids = new(StringComparer.Ordinal);
    private int _count;

    public bool TryGet(ReadOnlySpan<char> piece, [NotNullWhen(true)] out int[]? ids) =>
        _ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(piece, out ids);

    public void Keep(ReadOnlySpan<char> piece, int[] ids)
    {
        if (piece.Length > LongestKept)
        {
            return;
        }

        if (Interlocked.Increment(ref _count) > Capacity)
        {
            _ids = new(StringComparer.Ordinal);
            Interlocked.Exchange(ref _count, 1);
        }

        _ids.TryAdd(piece.ToString(), ids);
    }
}
