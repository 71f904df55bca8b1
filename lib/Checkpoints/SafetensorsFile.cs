using System.Buffers.Binary;
using System.Text.Json;

namespace Logitscope;

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
        Require(_file.Length >= LengthBytes, $"expected a safetensors file, got {_file.Length} bytes");
        var declared = BinaryPrimitives.ReadUInt64LittleEndian(_file.Span(0, LengthBytes));
        var most = Math.Min(MaximumHeader, _file.Length - LengthBytes);
        Require(declared <= (ulong)most, $"expected a header of at most {most} bytes, got {declared}");
        return (long)declared;
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
            throw Broken($"the header is not valid: {error.Message}", error);
        }
    }

    private WeightEntry ReadEntry(string name, JsonElement declared)
    {
        var dtype = declared.GetProperty("dtype").GetString();
        Require(
            Types.TryGetValue(dtype ?? "", out var type),
            $"tensor '{name}': unknown dtype '{dtype}': expected F64, F32, F16, BF16 or a plain integer; "
                + "quantised weights (float8, packed integers) are not implemented");
        long[] shape = [.. declared.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        long[] range = [.. declared.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
        var available = _file.Length - _dataStart;
        Require(
            range is [>= 0, _] && range[1] >= range[0] && range[1] <= available,
            $"tensor '{name}': expected data_offsets within 0..{available}, got [{string.Join(", ", range)}]");
        Require(shape.All(size => size >= 0), $"tensor '{name}': expected sizes >= 0, got {shape.DefaultIfEmpty().Min()}");
        try
        {
            var entry = new WeightEntry(type, shape, _dataStart + range[0]);
            Require(
                entry.Bytes == range[1] - range[0],
                $"tensor '{name}' {type}[{string.Join(", ", shape)}]: expected {entry.Bytes} bytes, got {range[1] - range[0]}");
            return entry;
        }
        catch (OverflowException error)
        {
            throw Broken($"tensor '{name}': the shape [{string.Join(", ", shape)}] is too large", error);
        }
    }

    private void CheckThatEntriesTileTheData()
    {
        var end = _dataStart;
        foreach (var (name, entry) in Entries.OrderBy(e => e.Value.Offset).ThenBy(e => e.Value.Bytes))
        {
            Require(entry.Offset == end, $"tensor '{name}': expected to start at byte {end}, got {entry.Offset} (overlap or gap)");
            end += entry.Bytes;
        }

        Require(end == _file.Length, $"expected a file of {end} bytes, got {_file.Length}");
    }
}
