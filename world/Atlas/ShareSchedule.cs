namespace Logitscope.World;

/// <summary>Takes turns: the next is always the one that is furthest behind its share of the characters so far. The
/// shares hold in every stretch of the corpus, and not only on average.</summary>
internal sealed class ShareSchedule<TKey>(IEnumerable<(TKey Key, double Share)> shares)
    where TKey : notnull
{
    private readonly (TKey Key, double Share)[] _shares = [.. shares];
    private readonly Dictionary<TKey, long> _written = [];
    private long _total;

    /// <summary>Whose turn it is; of equals, the first.</summary>
    public TKey Next() =>
        _shares.MaxBy(share => (share.Share * _total) - _written.GetValueOrDefault(share.Key)).Key;

    /// <summary>Counts what was written.</summary>
    public void Add(TKey key, int characters)
    {
        _written[key] = _written.GetValueOrDefault(key) + characters;
        _total += characters;
    }
}
