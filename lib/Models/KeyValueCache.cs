namespace Logitscope.Models;

/// <summary>
/// Keys and values of the tokens seen so far, for every layer. One sequence, or a batch of sequences of one length.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly Dictionary<int, (Tensor Keys, Tensor Values)> _layers = [];

    /// <summary>How many tokens the cache holds.</summary>
    public int Length { get; private set; }

    /// <summary>The same tokens as the past of several sequences, without a copy.</summary>
    /// <param name="batch">How many sequences; this cache is of one.</param>
    /// <returns>A cache that grows on its own.</returns>
    public KeyValueCache Expand(long batch)
    {
        var expanded = new KeyValueCache { Length = Length };
        foreach (var (layer, (keys, values)) in _layers)
        {
            expanded._layers[layer] = (Repeat(keys), Repeat(values));
        }

        return expanded;

        Tensor Repeat(Tensor one) => one.expand(batch, -1, -1, -1).DetachFromDisposeScope();
    }

    /// <summary>Appends a layer's keys and values.</summary>
    /// <param name="layer">0-based block.</param>
    /// <param name="keys">Of the new tokens, <c>[batch, head, position, head_dim]</c>.</param>
    /// <param name="values">Of the new tokens, <c>[batch, head, position, head_dim]</c>.</param>
    /// <returns>Those of all tokens.</returns>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        if (_layers.TryGetValue(layer, out var past))
        {
            (keys, values) = (cat([past.Keys, keys], dim: 2), cat([past.Values, values], dim: 2));
            past.Keys.Dispose();
            past.Values.Dispose();
        }

        _layers[layer] = (keys.DetachFromDisposeScope(), values.DetachFromDisposeScope());
        return _layers[layer];
    }

    /// <summary>Counts the new tokens, once all layers have theirs.</summary>
    internal void Advance(int tokens) => Length += tokens;

    /// <summary>Frees all tensors.</summary>
    public void Dispose()
    {
        foreach (var (keys, values) in _layers.Values)
        {
            keys.Dispose();
            values.Dispose();
        }

        _layers.Clear();
        Length = 0;
    }
}
