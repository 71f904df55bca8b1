using System.Security.Cryptography;
using System.Text;

namespace Logitscope.Models;

/// <summary>
/// Tells one model from another without reading all of it: SHA-256 over the architecture, its configuration, and each
/// weight's name, type, shape and elements, of which a large weight gives its first, middle and last 4,096.
/// </summary>
public static class Fingerprint
{
    private const int Sample = 4096;

    /// <summary>The fingerprint of a model as it is in memory.</summary>
    /// <param name="model">The model.</param>
    /// <returns>64 hexadecimal digits.</returns>
    public static string Of(LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{model.Architecture} {model.Config}\n"));
        foreach (var (name, weight) in model.Weights.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {weight.dtype}[{string.Join(", ", weight.shape)}]\n"));
            var flat = weight.reshape(-1);
            var count = flat.NumberOfElements;
            var length = Math.Min(Sample, count);
            foreach (var start in new[] { 0, (count - length) / 2, count - length }.Distinct())
            {
                hash.AppendData(flat.narrow(0, start, length).cpu().contiguous().bytes);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
