namespace Logitscope.Checkpoints;

/// <summary>Walks down the names of a checkpoint and brings each weight to the type and device wanted.</summary>
/// <param name="source">The checkpoint.</param>
/// <param name="options">Element type and device.</param>
public sealed class WeightReader(IWeightSource source, WeightOptions options)
{
    private readonly string _prefix = "";
    private readonly Dictionary<string, Tensor> _read = [];
    private readonly HashSet<string> _asked = [];

    /// <summary>A reader at the root of the names.</summary>
    /// <param name="source">The checkpoint.</param>
    /// <param name="type">The element type in memory.</param>
    /// <param name="device">Where the weights go.</param>
    public WeightReader(IWeightSource source, ScalarType type, Device device)
        : this(source, new WeightOptions(type, device))
    {
    }

    private WeightReader(WeightReader parent, string prefix)
        : this(parent.Source, parent.Options) =>
        (_prefix, _read, _asked) = (prefix, parent._read, parent._asked);

    /// <summary>Every weight read so far, under its full name.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _read;

    /// <summary>The full names of all that was asked for, a weight that was another one's copy included.</summary>
    internal IReadOnlySet<string> Asked => _asked;

    private IWeightSource Source => source;

    private WeightOptions Options => options;

    /// <summary>The reader one name further down.</summary>
    /// <param name="name">For example <c>h.3</c>.</param>
    /// <returns>A reader of <c>prefix.name.</c></returns>
    public WeightReader At(string name) => new(this, $"{_prefix}{name}.");

    /// <summary>Whether the checkpoint has a weight.</summary>
    /// <param name="name">The last part of its name.</param>
    /// <returns>Whether <see cref="Read"/> finds it.</returns>
    public bool Has(string name) => source.Has(_prefix + name);

    /// <summary>One weight. It copies nothing where type and device are those of the file.</summary>
    /// <param name="name">The last part of its name.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <returns>The weight; it belongs to no scope.</returns>
    /// <exception cref="CheckpointException">It is missing, of another shape, or holds NaN or infinity.</exception>
    public Tensor Read(string name, params long[] shape)
    {
        var full = _prefix + name;
        _asked.Add(full);
        var weight = source.Read(full, shape, options).DetachFromDisposeScope();
        _read.Add(full, weight);
        return weight;
    }

    /// <summary>Whether the checkpoint has a weight that nothing has asked for.</summary>
    /// <param name="name">The last part of its name.</param>
    internal bool HasUnread(string name) => Has(name) && !_asked.Contains(_prefix + name);

    /// <summary>One weight, unless it is another one's copy, which then serves for both.</summary>
    /// <param name="name">The last part of its name.</param>
    /// <param name="other">A weight of this reader, of the shape that it must have.</param>
    /// <returns>The weight, or the other one.</returns>
    /// <exception cref="CheckpointException">As <see cref="Read"/>.</exception>
    internal Tensor ReadUnlessSame(string name, Tensor other)
    {
        var weight = Read(name, other.shape);
        if (!Same(weight, other))
        {
            return weight;
        }

        _read.Remove(_prefix + name);
        weight.Dispose();
        return other;
    }

    // A few rows at a time, since the answer for each number takes a byte.
    private static bool Same(Tensor one, Tensor other)
    {
        const int rows = 4096;
        for (var row = 0L; row < one.size(0); row += rows)
        {
            using var scope = NewDisposeScope();
            var some = Math.Min(rows, one.size(0) - row);
            if (one.narrow(0, row, some).eq(other.narrow(0, row, some)).all().to(float32).ToDouble() == 0)
            {
                return false;
            }
        }

        return true;
    }
}
