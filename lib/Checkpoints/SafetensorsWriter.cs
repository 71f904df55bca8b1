using System.Buffers.Binary;
using System.Text.Json;

namespace Logitscope;

/// <summary>Writes safetensors files. A file appears whole or not at all.</summary>
/// <remarks>https://github.com/huggingface/safetensors#format</remarks>
internal static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes tensors in the order given.</summary>
    public static void Write(
        string path, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var streams = tensors.Select(one => new TensorStream(one.Name, one.Value.dtype, one.Value.shape, Whole(one.Value)));
        Write(path, [.. streams], metadata);

        static IEnumerable<Tensor> Whole(Tensor value)
        {
            using var detached = value.detach();
            using var near = detached.cpu();
            using var whole = near.contiguous();
            yield return whole;
        }
    }

    /// <summary>Writes tensors piece by piece, so that their size does not matter.</summary>
    internal static void Write(
        string path, IReadOnlyList<TensorStream> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        try
        {
            AtomicFile.Write(path, stream =>
            {
                WriteHeader(stream, tensors, metadata);
                foreach (var piece in tensors.SelectMany(tensor => tensor.Pieces))
                {
                    stream.Write(piece.bytes);
                }
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path}: cannot be written: {error.Message}", error);
        }
    }

    private static void WriteHeader(
        Stream stream, IReadOnlyList<TensorStream> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var header = new Dictionary<string, object>();
        if (metadata is not null)
        {
            header["__metadata__"] = metadata;
        }

        var offset = 0L;
        foreach (var tensor in tensors)
        {
            var end = offset + tensor.Bytes;
            header.Add(
                tensor.Name, new { dtype = NameOf(tensor.Type), shape = tensor.Shape, data_offsets = new[] { offset, end } });
            offset = end;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = (json.Length + Alignment - 1) / Alignment * Alignment;
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)padded);
        stream.Write(length);
        stream.Write(json);
        stream.Write([.. Enumerable.Repeat((byte)' ', padded - json.Length)]);
    }

    private static string NameOf(ScalarType type) => SafetensorsFile.Types.FirstOrDefault(pair => pair.Value == type).Key
        ?? throw new CheckpointException($"safetensors: expected a type that it has a name for, got {type}");
}

/// <summary>A tensor that is not in memory as a whole.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Pieces">Its numbers in row order, as CPU tensors that live until the next one is asked for.</param>
internal sealed record TensorStream(string Name, ScalarType Type, IReadOnlyList<long> Shape, IEnumerable<Tensor> Pieces)
{
    /// <summary>How many bytes its numbers take.</summary>
    public long Bytes => Shape.Aggregate((long)Type.ElementSize(), (product, size) => checked(product * size));
}
