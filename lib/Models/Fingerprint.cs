using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Logitscope;

/// <summary>
/// Tells one model from any other: SHA-256 over the architecture, the fields of its configuration, and of each weight the
/// name, the type, the shape and every byte, as they are in memory now. Pieces are hashed on all processors, so that it
/// takes about as long as reading the weights from memory; docs/models.md has the figure.
/// </summary>
public static class Fingerprint
{
    private const int PieceBytes = 16 << 20;

    private static readonly JsonSerializerOptions s_names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The fingerprint of a model as it is in memory, an ablated weight included.</summary>
    /// <param name="model">The model.</param>
    /// <returns>64 hexadecimal digits.</returns>
    public static string Of(LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var config = JsonSerializer.Serialize(model.Config, model.Config.GetType(), s_names);
        return Of($"{model.Architecture} {config}", [.. model.Weights.OrderBy(pair => pair.Key, StringComparer.Ordinal)]);
    }

    /// <summary>The same of one tensor.</summary>
    internal static string Of(Tensor tensor) => Of("", [KeyValuePair.Create("", tensor)]);

    private static string Of(string head, KeyValuePair<string, Tensor>[] tensors)
    {
        var pieces = tensors.SelectMany(pair => PiecesOf(pair.Value)).ToArray();
        var hashes = new byte[pieces.Length][];
        Parallel.For(0, pieces.Length, i => hashes[i] = Hash(pieces[i].Tensor, pieces[i].Start, pieces[i].Count));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{head}\n"));
        foreach (var (name, tensor) in tensors)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {tensor.dtype}[{string.Join(", ", tensor.shape)}]\n"));
        }

        Array.ForEach(hashes, hash.AppendData);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<(Tensor Tensor, long Start, long Count)> PiecesOf(Tensor tensor)
    {
        var atOnce = PieceBytes / tensor.dtype.ElementSize();
        for (var start = 0L; start < tensor.NumberOfElements; start += atOnce)
        {
            yield return (tensor, start, Math.Min(atOnce, tensor.NumberOfElements - start));
        }
    }

    private static byte[] Hash(Tensor tensor, long start, long count)
    {
        using var scope = NewDisposeScope();
        var piece = tensor.detach().reshape(-1).narrow(0, start, count).cpu().contiguous();
        var hash = SHA256.HashData(piece.bytes);
        GC.KeepAlive(piece);
        return hash;
    }
}
