using System.Text;

namespace Logitscope.World;

/// <summary>A 64-bit hash whose value never changes between runs, machines and versions of .NET, unlike
/// <see cref="string.GetHashCode()"/>. What is held out of training is decided by it.</summary>
internal static class StableHash
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>FNV-1a over the UTF-8 bytes of <paramref name="text"/>, passed through <see cref="Mix"/>, because the
    /// low bits of FNV-1a alone are uneven for short texts.</summary>
    public static ulong Of(string text)
    {
        var hash = FnvOffset;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ octet) * FnvPrime;
        }

        return Mix(hash);
    }

    /// <summary>The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): a bijection in which every input bit
    /// reaches every output bit.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
