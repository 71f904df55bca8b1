using System.Text;

namespace Logitscope.World;

/// <summary>SplitMix64 (Steele, Lea and Flood, 2014). The algorithm of <see cref="Random"/> is not a contract, and a
/// corpus must come out the same, byte for byte, on every version of .NET.</summary>
internal sealed class StableRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64() => StableHash.Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>An integer in [0, <paramref name="bound"/>). The bias is below bound / 2^64.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is not positive.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);
    }

    /// <summary>An integer in [<paramref name="from"/>, <paramref name="to"/>], both ends included.</summary>
    public int Between(int from, int to) => from + Next(to - from + 1);

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => (NextUInt64() >> 11) * (1.0 / (1UL << 53)) < probability;

    /// <summary>One of <paramref name="items"/>, each as likely as the others.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>Up to <paramref name="count"/> items at different places of <paramref name="items"/>, in random
    /// order.</summary>
    public IReadOnlyList<T> Sample<T>(IReadOnlyList<T> items, int count)
    {
        var rest = items.ToArray();
        var taken = Math.Min(count, rest.Length);
        for (var i = 0; i < taken; i++)
        {
            var j = i + Next(rest.Length - i);
            (rest[i], rest[j]) = (rest[j], rest[i]);
        }

        return rest[..taken];
    }

    /// <summary>All of <paramref name="items"/> in random order.</summary>
    public IReadOnlyList<T> Shuffled<T>(IReadOnlyList<T> items) => Sample(items, items.Count);
}

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
