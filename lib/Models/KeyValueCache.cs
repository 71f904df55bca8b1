namespace Logitscope;

/// <summary>
/// Keys and values of the tokens seen so far, for every layer. One sequence, or a batch of sequences of one length,
/// which may share the tokens that they begin with.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly Dictionary<int, (Tensor Keys, Tensor Values)> _layers = [];
    private readonly KeyValueCache? _trunk;
    private int _own;

    /// <summary>An empty cache.</summary>
    public KeyValueCache()
    {
    }

    private KeyValueCache(KeyValueCache? trunk) => _trunk = trunk;

    /// <summary>How many tokens the cache holds, those of its trunk included.</summary>
    public int Length => (_trunk?.Length ?? 0) + _own;

    /// <summary>
    /// A cache of any number of sequences that go on from this one. They share its tokens without a copy, so this one
    /// must outlive it and must not grow meanwhile.
    /// </summary>
    /// <returns>A cache that grows on its own.</returns>
    public KeyValueCache Branch() => new(this);

    /// <summary>Some of the tokens, without a copy. Those before them are not in it.</summary>
    /// <param name="start">0-based, within the cache's own tokens.</param>
    /// <param name="count">How many.</param>
    /// <returns>A cache of its own.</returns>
    internal KeyValueCache Slice(int start, int count) => Slice(start, count, trunk: null);

    private KeyValueCache Slice(int start, int count, KeyValueCache? trunk)
    {
        var slice = new KeyValueCache(trunk) { _own = count };
        foreach (var (layer, (keys, values)) in _layers)
        {
            slice._layers[layer] = (
                keys.narrow(2, start, count).DetachFromDisposeScope(), values.narrow(2, start, count).DetachFromDisposeScope());
        }

        return slice;
    }

    /// <summary>The cache as it was some tokens ago, without a copy.</summary>
    /// <param name="tokens">How many of its own tokens it is without.</param>
    /// <returns>A cache of its own, on the same trunk.</returns>
    internal KeyValueCache Without(int tokens) => Slice(0, _own - tokens, _trunk);

    /// <summary>The shared tokens' keys and values, <c>[1, head, position, head_dim]</c>; null where there are none.</summary>
    /// <param name="layer">0-based block.</param>
    internal (Tensor Keys, Tensor Values)? TrunkOf(int layer) => _trunk is { Length: > 0 } ? _trunk._layers[layer] : null;

    /// <summary>Appends a layer's keys and values.</summary>
    /// <param name="layer">0-based block.</param>
    /// <param name="keys">Of the new tokens, <c>[batch, head, position, head_dim]</c>.</param>
    /// <param name="values">Of the new tokens, <c>[batch, head, position, head_dim]</c>.</param>
    /// <returns>Those of all tokens but the shared ones.</returns>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values) => Join(layer, keys, values, dim: 2);

    /// <summary>Appends sequences: one, repeated, below those that a layer has.</summary>
    /// <param name="layer">0-based block.</param>
    /// <param name="one">A cache of one sequence, as long as this one's own tokens will be.</param>
    /// <param name="count">How often it is repeated.</param>
    internal void AppendSequences(int layer, KeyValueCache one, int count)
    {
        var (keys, values) = one._layers[layer];
        Join(layer, keys.expand(count, -1, -1, -1), values.expand(count, -1, -1, -1), dim: 0);
    }

    /// <summary>Drops what a pass that failed on its way has appended.</summary>
    internal void DropUncounted()
    {
        foreach (var (layer, (keys, values)) in _layers.Where(entry => entry.Value.Keys.size(2) > _own).ToArray())
        {
            _layers[layer] = (
                keys.narrow(2, 0, _own).DetachFromDisposeScope(), values.narrow(2, 0, _own).DetachFromDisposeScope());
            keys.Dispose();
            values.Dispose();
        }
    }

    /// <summary>Counts the new tokens, once all layers have theirs.</summary>
    internal void Advance(int tokens) => _own += tokens;

    /// <summary>Frees all tensors but those of the trunk.</summary>
    public void Dispose()
    {
        foreach (var (keys, values) in _layers.Values)
        {
            keys.Dispose();
            values.Dispose();
        }

        _layers.Clear();
        _own = 0;
    }

    private (Tensor Keys, Tensor Values) Join(int layer, Tensor keys, Tensor values, int dim)
    {
        if (_layers.TryGetValue(layer, out var past))
        {
            (keys, values) = (cat([past.Keys, keys], dim), cat([past.Values, values], dim));
            past.Keys.Dispose();
            past.Values.Dispose();
        }

        _layers[layer] = (keys.DetachFromDisposeScope(), values.DetachFromDisposeScope());
        return _layers[layer];
    }
}
