using System.Runtime.InteropServices;
using System.Text;

namespace Logitscope.World;

/// <summary>
/// Learns the merges of a byte-level BPE vocabulary (Sennrich et al. 2016, on bytes as in GPT-2): again and again the
/// most frequent adjacent pair of tokens, within GPT-2's pieces of the text, becomes a token. Of pairs equally
/// frequent the one with the smaller left id, then the smaller right id, is merged, so the outcome depends on the
/// counts alone and not on the order of the texts. A pair that would spell a token that exists already is passed over.
/// </summary>
internal static class BpeTrainer
{
    /// <summary>
    /// Trains a tokenizer. Ids are 0 to 255 for the bytes in GPT-2's order, then the merges, then
    /// <c>&lt;|endoftext|&gt;</c>, which is BOS and EOS. It is not looked for in the texts.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static ByteLevelBpe Train(IEnumerable<string> texts, BpeTrainingOptions? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Merges);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MinimumCount, 1);
        var tokens = ByteSymbols.Order.Select(ByteSymbols.SymbolOf).ToList();
        var ids = tokens.Index().ToDictionary(token => token.Item, token => token.Index, StringComparer.Ordinal);
        var pairs = new PairCounts(Words(texts), options.MinimumCount);
        var merges = new List<BpeMerge>();
        while (merges.Count < options.Merges && pairs.TakeMostFrequent() is var (left, right))
        {
            var token = tokens[left] + tokens[right];
            if (token != SpecialTokens.EndOfText && ids.TryAdd(token, tokens.Count))
            {
                merges.Add(new(left, right, tokens.Count));
                pairs.Merge(merges[^1]);
                tokens.Add(token);
            }
        }

        ids.Add(SpecialTokens.EndOfText, tokens.Count);
        return new(new BpeVocabulary
        {
            Tokens = ids,
            Merges = merges,
            Special = new([new(SpecialTokens.EndOfText, tokens.Count)], tokens.Count, tokens.Count, AddsBos: false),
        });
    }

    /// <summary>The different pieces of the texts as byte ids, with how often each occurs.</summary>
    private static IEnumerable<(int[] Symbols, long Count)> Words(IEnumerable<string> texts)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var countOf = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var text in texts)
        {
            for (int start = 0, end; start < text.Length; start = end)
            {
                end = Gpt2Splitter.Instance.EndOfPiece(text, start);
                CollectionsMarshal.GetValueRefOrAddDefault(countOf, text.AsSpan(start, end - start), out _)++;
            }
        }

        var idOfByte = ByteSymbols.Order.Index().ToDictionary(symbol => symbol.Item, symbol => symbol.Index);
        return counts.Select(word =>
            (Array.ConvertAll(Encoding.UTF8.GetBytes(word.Key), value => idOfByte[value]), word.Value));
    }
}

/// <summary>What <see cref="BpeTrainer"/> makes.</summary>
internal sealed record BpeTrainingOptions
{
    /// <summary>
    /// How many merges, 0 or more; the vocabulary has 256 bytes, these and the end of text. Default 8,000. Fewer are
    /// made where too few pairs reach <see cref="MinimumCount"/>.
    /// </summary>
    public int Merges { get; init; } = 8_000;

    /// <summary>A pair seen less often is not merged; 1 or more. Default 2.</summary>
    public int MinimumCount { get; init; } = 2;
}
