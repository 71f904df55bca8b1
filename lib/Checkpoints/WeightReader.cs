namespace Logitscope;

/// <summary>Walks down the names of a checkpoint and brings each weight to the type and device wanted.</summary>
internal sealed class WeightReader(IWeightSource source, WeightOptions options)
{
    private readonly string _prefix = "";
    private readonly Dictionary<string, Tensor> _read = [];
    private readonly HashSet<string> _asked = [];

    /// <summary>A reader at the root of the names.</summary>
    public WeightReader(IWeightSource source, ScalarType type, Device device) : this(source, new WeightOptions(type, device))
    {
    }

    private WeightReader(IWeightSource source, WeightOptions options, WeightReader parent, string prefix) : this(source, options) =>
        (_prefix, _read, _asked) = (prefix, parent._read, parent._asked);

    /// <summary>Every weight read so far, under its full name.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _read;

    /// <summary>The full names of all that was asked for, a weight that was another one's copy included.</summary>
    internal IReadOnlySet<string> Asked => _asked;

    /// <summary>The reader one name further down.</summary>
    public WeightReader At(string name) => new(source, options, this, $"{_prefix}{name}.");

    /// <summary>Whether the checkpoint has a weight.</summary>
    public bool Has(string name) => source.Has(_prefix + name);

    /// <summary>One weight. It copies nothing where type and device are those of the file.</summary>
    public Tensor Read(string name, params long[] shape)
    {
        var full = _prefix + name;
        _asked.Add(full);
        var weight = source.Read(full, shape, options).DetachFromDisposeScope();
        _read.Add(full, weight);
        return weight;
    }

    /// <summary>Whether the checkpoint has a weight that nothing has asked for.</summary>
    internal bool HasUnread(string name) => Has(name) && !_asked.Contains(_prefix + name);

    /// <summary>One weight, unless it is another one's copy, which then serves for both.</summary>
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

/// <summary>Where the weights of a model come from: a checkpoint, or the start of a training run.</summary>
internal interface IWeightSource
{
    /// <summary>Whether there is such a weight, for checkpoints of which there are two layouts.</summary>
    bool Has(string name);

    /// <summary>One weight.</summary>
    Tensor Read(string name, IReadOnlyList<long> shape, WeightOptions options);
}

/// <summary>What a checkpoint declares of one tensor.</summary>
/// <param name="Type">Its element type on disk.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Offset">Its first byte in its file.</param>
/// <param name="Strides">How far apart neighbours of each dimension lie, in elements; null: in row order, no gaps.</param>
internal sealed record WeightEntry(ScalarType Type, IReadOnlyList<long> Shape, long Offset, IReadOnlyList<long>? Strides = null)
{
    /// <summary>Whether its numbers are real ones.</summary>
    public bool IsFloatingPoint => Type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    /// <summary>How many numbers it has.</summary>
    public long Elements => Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>How many bytes its numbers take.</summary>
    public long Bytes => checked(Elements * Type.ElementSize());
}

/// <summary>How weights are brought into memory.</summary>
/// <param name="Type">The element type in memory, whatever it is on disk.</param>
/// <param name="Device">Where they go.</param>
/// <param name="AllowNonfinite">Whether NaN and infinity are taken for weights too.</param>
internal sealed record WeightOptions(ScalarType Type, Device Device, bool AllowNonfinite = false);
