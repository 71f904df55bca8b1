namespace Logitscope;

/// <summary>
/// A state dict as torch.save writes it since PyTorch 1.6, memory-mapped: a ZIP archive of a pickle,
/// <c>data.pkl</c>, and one file of numbers a storage, <c>data/KEY</c>. The pickle is read as data; nothing of it is run.
/// </summary>
/// <remarks>https://pytorch.org/docs/stable/notes/serialization.html</remarks>
internal sealed class PyTorchFile : Checkpoint
{
    private const int LongestPickle = 16 << 20; // 100,000 tensors
    private const long MostExpanded = 1 << 26; // numbers of a view that says some of its own again and again
    private const int TarMagicOffset = 257;
    private const string Pickle = "/data.pkl";

    private readonly MappedFile _file;
    private readonly IReadOnlyDictionary<string, StoredFile> _stored;
    private readonly string _root;

    private PyTorchFile(MappedFile file) : base(file.Path)
    {
        _file = file;
        RequireArchive();
        _stored = new StoredZip(file).Files;
        _root = FindRoot();
        RequireLittleEndian();
        foreach (var (name, tensor) in ReadStateDict())
        {
            Add(name, new(file, EntryOf(name, tensor)));
        }
    }

    public override string Format => "PyTorch";

    /// <summary>Opens and checks a file.</summary>
    public static PyTorchFile Open(string path) => new(MappedFile.Open(path));

    private void RequireArchive()
    {
        var start = _file.Span(0, (int)Math.Min(_file.Length, TarMagicOffset + 5));
        // A pickle of the number 0x1950A86A20F9469CFC6C, or a tar archive.
        var isOld = start.StartsWith((ReadOnlySpan<byte>)[0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC]) || start.EndsWith("ustar"u8);
        Require(start.StartsWith("PK"u8), isOld
            ? "expected the format of PyTorch 1.6 or later, got the one before; "
                + "torch.save(torch.load(FILE), FILE) of a newer PyTorch saves it again"
            : $"expected a PyTorch archive, which starts with PK, got {Convert.ToHexString(start[..Math.Min(4, start.Length)])}");
    }

    private string FindRoot()
    {
        string[] pickles = [.. _stored.Keys.Where(name => name.EndsWith(Pickle, StringComparison.Ordinal))];
        return pickles is [var pickle] && pickle.IndexOf('/', StringComparison.Ordinal) == pickle.Length - Pickle.Length
            ? pickle[..^Pickle.Length]
            : throw Broken($"not a PyTorch archive: expected one ROOT{Pickle}, got {pickles.Length} such files among {_stored.Count}");
    }

    private void RequireLittleEndian() => Require(
        !_stored.TryGetValue($"{_root}/byteorder", out var file)
            || _file.Span(file.Start, (int)Math.Min(file.Length, 16)).SequenceEqual("little"u8),
        "expected byte order 'little', got another one");

    private (string Name, PickledTensor Tensor)[] ReadStateDict()
    {
        var file = _stored[_root + Pickle];
        try
        {
            var state = file.Length <= LongestPickle
                ? Unpickler.Read(_file.Span(file.Start, (int)file.Length)) as List<KeyValuePair<object?, object?>>
                : throw new PickleException($"expected at most {LongestPickle} bytes, got {file.Length}");
            return state?.Select(pair => TensorOf(pair.Key, pair.Value)).ToArray()
                ?? throw Broken("expected a dictionary of tensors, got something else");
        }
        catch (PickleException error)
        {
            throw Broken($"{_root}{Pickle}: {error.Message}", error);
        }
    }

    private (string Name, PickledTensor Tensor) TensorOf(object? key, object? value) => (key, value) switch
    {
        (string name, PickledTensor tensor) => (name, tensor),
        (string name, _) => throw Broken(
            $"expected a dictionary of tensors, got one whose '{name}' is {KindOf(value)}; save the state dict alone"),
        _ => throw Broken("expected tensors with names, got a key that is no text"),
    };

    private static string KindOf(object? value) => value switch
    {
        List<KeyValuePair<object?, object?>> => "a dictionary",
        string => "a text",
        null => "nothing",
        bool or long or double => "a number",
        _ => "something else",
    };

    private WeightEntry EntryOf(string name, PickledTensor tensor)
    {
        var file = Storage(name, tensor.Storage);
        var (shape, strides, width) = (tensor.Shape, tensor.Strides, tensor.Storage.Type.ElementSize());
        if (shape.Count != strides.Count || tensor.Offset < 0 || shape.Concat(strides).Any(number => number < 0))
        {
            throw Wrong("sizes, strides and an offset >= 0 for each dimension");
        }

        try
        {
            checked
            {
                var elements = shape.Aggregate(1L, (product, size) => product * size);
                var last = tensor.Offset + shape.Zip(strides, (size, stride) => Math.Max(0, size - 1) * stride).Sum();

                // A stride of 0 expands a dimension, and would make a large tensor out of a small file.
                var most = strides.Contains(0) ? Math.Max(MostExpanded, tensor.Storage.Elements) : tensor.Storage.Elements;
                if (elements > most || (elements > 0 && last >= tensor.Storage.Elements))
                {
                    throw Wrong($"a place within {tensor.Storage.Elements} numbers");
                }

                var start = elements > 0 ? file.Start + (tensor.Offset * width) : file.Start;
                return new(tensor.Storage.Type, shape, start, RowOrder.Is(shape, strides) || elements == 0 ? null : strides);
            }
        }
        catch (OverflowException)
        {
            throw Wrong($"a place within {tensor.Storage.Elements} numbers");
        }

        CheckpointException Wrong(string expected) => Broken(
            $"tensor '{name}': expected {expected}, got shape [{string.Join(", ", shape)}], "
            + $"strides [{string.Join(", ", strides)}], offset {tensor.Offset}");
    }

    private StoredFile Storage(string name, StorageReference storage)
    {
        var stored = $"{_root}/data/{storage.Key}";
        Require(_stored.TryGetValue(stored, out var file), $"tensor '{name}': expected its numbers in '{stored}', got no such file");
        var width = storage.Type.ElementSize();
        Require(
            file.Length % width == 0 && file.Length / width == storage.Elements,
            $"tensor '{name}': expected {storage.Elements} numbers of {storage.Type} in '{stored}', got {file.Length} bytes");
        return file;
    }
}
