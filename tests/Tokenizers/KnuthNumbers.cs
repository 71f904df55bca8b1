namespace Logitscope.Tests.Tokenizers;

/// <summary>Knuth's MMIX generator, which Independent/make.py has too.</summary>
/// <param name="seed">Where it begins.</param>
internal sealed class KnuthNumbers(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number from 0 to before <paramref name="limit"/>.</summary>
    public int Below(int limit)
    {
        _state = unchecked((_state * 6364136223846793005UL) + 1442695040888963407UL);
        return (int)((_state >> 33) % (ulong)limit);
    }

    /// <summary>A character of one of the ranges.</summary>
    public string CharacterOf(int[][] ranges)
    {
        var range = ranges[Below(ranges.Length)];
        return char.ConvertFromUtf32(range[0] + Below(range[1] - range[0] + 1));
    }
}
