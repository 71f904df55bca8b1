using System.Buffers;
using System.Text;

namespace Logitscope;

// LLaMA's tokenizer: spaces are written ▁, one stands before the text, and characters are merged across words as far as the
// vocabulary goes (Kudo and Richardson 2018); a character without a token becomes its UTF-8 bytes. Valid text without ▁, which
// decodes as a space, and without added tokens survives Decode(EncodeToIds(text)) unchanged where the vocabulary falls back to
// bytes and collapses no spaces. Decoding drops the one space that encoding put before the text, whatever the ids. Read by Load.
internal sealed class SentencePieceBpe : BpeTokenizer
{
    private readonly SentencePieceVocabulary _vocabulary;
    private readonly Dictionary<Rune, int> _idOfRune = [];
    private readonly int[] _idOfByte;
    private readonly bool _cutsWords;

    public SentencePieceBpe(SentencePieceVocabulary vocabulary)
        : base(
            vocabulary,
            vocabulary.Preparation,
            new(vocabulary.Merges, vocabulary.MergeRanks),
            vocabulary.FallsBackToBytes ? BytesOrText : TextOf)
    {
        _vocabulary = vocabulary;
        _idOfByte = vocabulary.FallsBackToBytes ? ByteTokens.IdsIn(vocabulary.Tokens, "The vocabulary") : [];
        foreach (var (token, id) in vocabulary.Tokens)
        {
            var status = Rune.DecodeFromUtf16(token, out var rune, out var units);
            if (status == OperationStatus.Done && units == token.Length)
            {
                _idOfRune.Add(rune, id);
            }
        }

        _cutsWords = NoMergeEntersAWord(vocabulary) && _idOfRune.ContainsKey(new(SpaceRewriter.Symbol));
    }

    public override string Decode(IEnumerable<int> ids)
    {
        var text = base.Decode(ids);
        return _vocabulary.DropsFirstSpace && text.StartsWith(' ') ? text[1..] : text;
    }

    /// <summary>A word with the spaces before it, where no merge reaches further; else all.</summary>
    private protected override int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        if (!_cutsWords)
        {
            return text.Length;
        }

        var letter = text[start..].IndexOfAnyExcept(SpaceRewriter.Symbol);
        var space = letter < 0 ? -1 : text[(start + letter)..].IndexOf(SpaceRewriter.Symbol);
        return space < 0 ? text.Length : start + letter + space;
    }

    private protected override Symbols SymbolsOf(ReadOnlySpan<char> piece)
    {
        var symbols = new Symbols(piece.Length);
        Span<byte> bytes = stackalloc byte[4];
        var followsUnknown = false;
        for (int start = 0, end; start < piece.Length; start = end)
        {
            Rune.DecodeFromUtf16(piece[start..], out var rune, out var units);
            end = start + units;
            var isKnown = _idOfRune.TryGetValue(rune, out var id);
            var isUnknown = !isKnown && !_vocabulary.FallsBackToBytes;
            if (isUnknown && followsUnknown && _vocabulary.FusesUnknown)
            {
                symbols.Extend(end);
            }
            else if (isKnown || isUnknown)
            {
                symbols.Add(isKnown ? id : _vocabulary.UnknownId!.Value, start, end);
            }
            else
            {
                foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
                {
                    symbols.Add(_idOfByte[value], start, end);
                }
            }

            followsUnknown = isUnknown;
        }

        return symbols;
    }

    /// <summary>Whether every merge that brings in a <c>▁</c> from the right puts it after a <c>▁</c>.</summary>
    private static bool NoMergeEntersAWord(SentencePieceVocabulary vocabulary)
    {
        var tokenOf = vocabulary.Tokens.ToDictionary(token => token.Value, token => token.Key);
        return vocabulary.Merges.All(merge =>
            !tokenOf[merge.Right].StartsWith(SpaceRewriter.Symbol)
            || tokenOf[merge.Left].EndsWith(SpaceRewriter.Symbol));
    }

    private static byte[] BytesOrText(string token) => ByteTokens.ByteOf(token) is { } value ? [value] : TextOf(token);
    private static byte[] TextOf(string token) => Encoding.UTF8.GetBytes(token.Replace(SpaceRewriter.Symbol, ' '));
}

/// <summary>What the files of a SentencePiece BPE tokenizer hold, beyond what every BPE's do.</summary>
internal sealed record SentencePieceVocabulary : BpeVocabulary
{
    /// <summary>The rank of each merge, where several share one; null where each has its place as its rank.</summary>
    public IReadOnlyList<int>? MergeRanks { get; init; }

    /// <summary>What is done to a stretch after the added tokens are out.</summary>
    public TextRewriter Preparation { get; init; } = TextRewriter.None;

    /// <summary>Whether a character without a token becomes the <see cref="ByteTokens"/> of its bytes.</summary>
    public required bool FallsBackToBytes { get; init; }

    /// <summary>The token of a character that has none; null only with <see cref="FallsBackToBytes"/>.</summary>
    public int? UnknownId { get; init; }

    /// <summary>Whether unknown characters in a row become one token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether decoding drops the first space, which encoding put there.</summary>
    public required bool DropsFirstSpace { get; init; }
}
