using System.Buffers.Binary;
using System.Text.Json;

namespace Logitscope.Checkpoints;

/// <summary>
/// A safetensors file, memory-mapped: a little-endian u64 header length, a JSON header, then the tensors' bytes.
/// Every number of the header is checked against the file before memory is taken.
/// </summary>
/// <remarks>https://github.com/huggingface/safetensors#format</remarks>
internal sealed class SafetensorsFile : Checkpoint
{
    /// <summary>The types that have a name in a header.</summary>
    public static readonly IReadOnlyDictionary<string, ScalarType> Types = new Dictionary<string, ScalarType>
    {
        ["F64"] = ScalarType.Float64,
        ["F32"] = ScalarType.Float32,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32,
        ["I16"] = ScalarType.Int16,
        ["I8"] = ScalarType.Int8,
        ["U8"] = ScalarType.Byte,
        ["BOOL"] = ScalarType.Bool,
    };

    private const int LengthBytes = sizeof(ulong);
    private const long MaximumHeader = 32 << 20; // 100,000 tensors and more; one of a million entries takes 1 GiB to read
    private const string MetadataKey = "__metadata__";

    private readonly MappedFile _file;
    private readonly long _dataStart;

    private SafetensorsFile(MappedFile file) : base(file.Path)
    {
        _file = file;
        var headerLength = ReadHeaderLength();
        _dataStart = LengthBytes + headerLength;
        ReadHeader(_file.Span(LengthBytes, (int)headerLength).ToArray());
        CheckThatEntriesTileTheData();
    }

    public override string Format => "safetensors";

    /// <summary>Opens and checks a file; it stays mapped while tensors of it live.</summary>
    public static SafetensorsFile Open(string path) => new(MappedFile.Open(path));

    private long ReadHeaderLength()
    {
        if (_file.Length < LengthBytes)
        {
            throw new CheckpointException($"{Path}: expected a safetensors file, got {_file.Length} bytes");
        }

        var declared = BinaryPrimitives.ReadUInt64LittleEndian(_file.Span(0, LengthBytes));
        var most = Math.Min(MaximumHeader, _file.Length - LengthBytes);
        return declared <= (ulong)most
            ? (long)declared
            : throw new CheckpointException($"{Path}: expected a header of at most {most} bytes, got {declared}");
    }

    private void ReadHeader(byte[] json)
    {
        try
        {
            using var header = JsonDocument.Parse(json);
            foreach (var tensor in header.RootElement.EnumerateObject().Where(tensor => tensor.Name != MetadataKey))
            {
                Add(tensor.Name, new(_file, ReadEntry(tensor.Name, tensor.Value)));
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new CheckpointException($"{Path}: the header is not valid: {error.Message}", error);
        }
    }

    private WeightEntry ReadEntry(string name, JsonElement declared)
    {
        var dtype = declared.GetProperty("dtype").GetString();
        if (!Types.TryGetValue(dtype ?? "", out var type))
        {
            throw Wrong(
                $"unknown dtype '{dtype}': expected F64, F32, F16, BF16 or a plain integer; "
                + "quantised weights (float8, packed integers) are not implemented");
        }

        long[] shape = [.. declared.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        long[] range = [.. declared.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
        var available = _file.Length - _dataStart;
        if (range.Length != 2 || range[0] < 0 || range[1] < range[0] || range[1] > available)
        {
            throw Wrong($"expected data_offsets within 0..{available}, got [{string.Join(", ", range)}]");
        }

        if (shape.Any(size => size < 0))
        {
            throw Wrong($"expected sizes >= 0, got {shape.Min()}");
        }

        try
        {
            var entry = new WeightEntry(type, shape, _dataStart + range[0]);
            return entry.Bytes == range[1] - range[0]
                ? entry
                : throw new CheckpointException(
                    $"{Path}: tensor '{name}' {type}[{string.Join(", ", shape)}]: expected {entry.Bytes} bytes, got {range[1] - range[0]}");
        }
        catch (OverflowException)
        {
            throw Wrong($"the shape [{string.Join(", ", shape)}] is too large");
        }

        CheckpointException Wrong(string what) => new($"{Path}: tensor '{name}': {what}");
    }

    private void CheckThatEntriesTileTheData()
    {
        var end = _dataStart;
        foreach (var (name, entry) in Entries.OrderBy(e => e.Value.Offset).ThenBy(e => e.Value.Bytes))
        {
            if (entry.Offset != end)
            {
                throw new CheckpointException(
                    $"{Path}: tensor '{name}': expected to start at byte {end}, got {entry.Offset} (overlap or gap)");
            }

            end += entry.Bytes;
        }

        if (end != _file.Length)
        {
            throw new CheckpointException($"{Path}: expected a file of {end} bytes, got {_file.Length}");
        }
    }
}
