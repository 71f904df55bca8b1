using System.Numerics;
using System.Runtime.InteropServices;

namespace Logitscope;

/// <summary>The stored weights of a model, whatever their file format.</summary>
internal abstract class Checkpoint(string path) : IWeightSource
{
    private const string HeadBias = "lm_head.bias";

    private readonly Dictionary<string, WeightEntry> _entries = [];
    private readonly Dictionary<string, MappedTensor> _tensors = [];

    /// <summary>The file, for messages; of several, the index.</summary>
    public string Path => path;

    /// <summary>The name of the format.</summary>
    public abstract string Format { get; }

    /// <summary>The files that hold the weights.</summary>
    public virtual IReadOnlyList<string> Files => [Path];

    /// <summary>The tensors that the checkpoint declares.</summary>
    public IReadOnlyDictionary<string, WeightEntry> Entries => _entries;

    public bool Has(string name) => Entries.ContainsKey(name);

    public Tensor Read(string name, IReadOnlyList<long> shape, WeightOptions options)
    {
        var stored = Weight(name, shape);
        if (stored.Entry.Type == options.Type && options.Device.type == DeviceType.CPU)
        {
            // What lies ready in the file is looked at there, and is then in memory for the model that runs on it.
            foreach (var (start, piece) in options.AllowNonfinite ? [] : stored.Pieces(forget: false))
            {
                RequireFinite(name, stored, start, piece, piece);
            }

            return stored.Whole();
        }

        return MappedTensor.Filled(
            empty([.. shape], options.Type, options.Device), ReadPieces(name, options.Type, options.AllowNonfinite));
    }

    /// <summary>One tensor of whatever shape and type it has, with whatever numbers.</summary>
    public Tensor Read(string name) => Located(name).Whole();

    /// <summary>One tensor of whatever type it has, with whatever numbers.</summary>
    public Tensor Read(string name, IReadOnlyList<long> shape) => Located(name, shape).Whole();

    /// <summary>One tensor's numbers in row order, a few MiB at a time, so that its size does not matter.</summary>
    public IEnumerable<(long Start, Tensor Piece)> ReadPieces(string name, ScalarType type, bool allowNonfinite = false)
    {
        var tensor = Located(name);
        foreach (var (start, stored) in tensor.Pieces())
        {
            using var piece = stored.to(type);
            if (!allowNonfinite)
            {
                RequireFinite(name, tensor, start, stored, piece);
            }

            yield return (start, piece);
        }
    }

    /// <summary>Refuses what <see cref="Read(string, IReadOnlyList{long}, WeightOptions)"/> would, save for its numbers.</summary>
    /// <exception cref="CheckpointException">It is missing, of another shape, or holds no real numbers.</exception>
    internal void Check(string name, IReadOnlyList<long> shape) => _ = Weight(name, shape);

    /// <summary>Refuses a file of which something does not hold.</summary>
    private protected void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw Broken(otherwise);
        }
    }

    private protected CheckpointException Broken(string what, Exception? inner = null) => new($"{Path}: {what}", inner);

    /// <summary>Declares a tensor, once.</summary>
    private protected void Add(string name, MappedTensor tensor)
    {
        Require(_tensors.TryAdd(name, tensor), $"tensor '{name}' is declared twice");
        _entries.Add(name, tensor.Entry);
    }

    /// <summary>Where a tensor lies.</summary>
    internal MappedTensor Located(string name) => _tensors.GetValueOrDefault(name)
        ?? throw new CheckpointException($"{Path}: expected a tensor '{name}', got none of that name");

    private static void RequireFinite(string name, MappedTensor tensor, long start, Tensor stored, Tensor converted)
    {
        using var scope = NewDisposeScope();
        // Minus infinity in a head's bias rules a token out, as padding of a vocabulary is.
        var judged = name == HeadBias ? converted.masked_fill(stored.isneginf(), 0) : converted;
        if (NonFinite.IndexOfFirst(judged) is var found and >= 0)
        {
            var value = stored.select(0, found).to(float64).ToDouble();
            var index = string.Join(", ", RowOrder.IndexAt(start + found, tensor.Entry.Shape));
            throw new CheckpointException(
                $"{tensor.File.Path}: tensor '{name}': expected finite {converted.dtype} numbers, "
                + $"got {value} at [{index}] (--allow-nonfinite lets it pass)");
        }
    }

    private MappedTensor Weight(string name, IReadOnlyList<long> shape) =>
        Located(name) is var stored && stored.Entry.IsFloatingPoint
            ? Located(name, shape)
            : throw new CheckpointException(
                $"{stored.File.Path}: tensor '{name}': expected floating-point numbers, got {stored.Entry.Type}; "
                + "quantised weights are not implemented");

    private MappedTensor Located(string name, IReadOnlyList<long> shape)
    {
        var stored = Located(name);
        return stored.Entry.Shape.SequenceEqual(shape)
            ? stored
            : throw new CheckpointException(
                $"{stored.File.Path}: tensor '{name}': expected shape [{string.Join(", ", shape)}], "
                + $"got [{string.Join(", ", stored.Entry.Shape)}]");
    }
}

/// <summary>Finds NaN and infinity as fast as memory is read: both have all bits of their exponent set.</summary>
internal static class NonFinite
{
    /// <summary>The first NaN or infinity of a CPU tensor in row order.</summary>
    public static int IndexOfFirst(Tensor piece) => piece.dtype switch
    {
        ScalarType.Float16 => IndexOfFirst<ushort>(piece.bytes, 0x7C00),
        ScalarType.BFloat16 => IndexOfFirst<ushort>(piece.bytes, 0x7F80),
        ScalarType.Float32 => IndexOfFirst(piece.bytes, 0x7F80_0000u),
        ScalarType.Float64 => IndexOfFirst(piece.bytes, 0x7FF0_0000_0000_0000ul),
        _ => -1,
    };

    private static int IndexOfFirst<T>(Span<byte> bytes, T exponent) where T : unmanaged, IBinaryInteger<T>
    {
        var numbers = MemoryMarshal.Cast<byte, T>(bytes);
        var mask = new Vector<T>(exponent);
        var done = 0;
        foreach (var numbersAtOnce in MemoryMarshal.Cast<T, Vector<T>>(numbers))
        {
            if (Vector.EqualsAny(numbersAtOnce & mask, mask))
            {
                break;
            }

            done += Vector<T>.Count;
        }

        for (; done < numbers.Length; done++)
        {
            if ((numbers[done] & exponent) == exponent)
            {
                return done;
            }
        }

        return -1;
    }
}

/// <summary>A model's files are missing, broken, or not what its configuration says.</summary>
/// <param name="message">File, tensor, expected and got.</param>
/// <param name="inner">What caused it.</param>
public sealed class CheckpointException(string message, Exception? inner = null) : LogitscopeException(message, inner);
