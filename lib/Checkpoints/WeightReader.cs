namespace Logitscope.Checkpoints;

/// <summary>Walks down the names of a checkpoint and brings each weight to the type and device wanted.</summary>
/// <param name="source">The checkpoint.</param>
/// <param name="options">Element type and device.</param>
public sealed class WeightReader(IWeightSource source, WeightOptions options)
{
    private readonly string _prefix = "";
    private readonly Dictionary<string, Tensor> _read = [];

    /// <summary>A reader at the root of the names.</summary>
    /// <param name="source">The checkpoint.</param>
    /// <param name="type">The element type in memory.</param>
    /// <param name="device">Where the weights go.</param>
    public WeightReader(IWeightSource source, ScalarType type, Device device)
        : this(source, new WeightOptions(type, device))
    {
    }

    private WeightReader(WeightReader parent, string prefix)
        : this(parent.Source, parent.Options) => (_prefix, _read) = (prefix, parent._read);

    /// <summary>Every weight read so far, under its full name.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _read;

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
        var weight = source.Read(full, shape, options).DetachFromDisposeScope();
        _read.Add(full, weight);
        return weight;
    }
}
