using System.Text;
using Microsoft.ML.Tokenizers;

namespace Logitscope;

// GPT-2's tokenizer, which GPT-J and GPT-NeoX share: text is cut into pieces by a pattern, and the UTF-8 bytes of each are merged
// in the order of merges.txt (Radford et al. 2019). LLaMA 3's and Qwen's have another pattern, and LLaMA 3's takes a piece that is
// a token as it is, whatever its merges. GPT-NeoX's and Qwen's normalise the text to NFC first; but for that, every valid string
// survives Decode(EncodeToIds(text)) unchanged. Read by Load.
internal sealed class ByteLevelBpe : BpeTokenizer
{
    /// <summary>-1 for a byte that no UTF-8 holds and that has no token.</summary>
    private readonly int[] _idOfByte = new int[256];
    private readonly TextSplitter _splitter;
    private readonly bool _ignoresMerges;

    public ByteLevelBpe(BpeVocabulary vocabulary, TextSplitter? splitter = null, bool ignoresMerges = false)
        : base(vocabulary, TextRewriter.None, new(vocabulary.Merges), SpelledBy)
    {
        (Vocabulary, _splitter, _ignoresMerges) = (vocabulary, splitter ?? Gpt2Splitter.Instance, ignoresMerges);
        for (var value = 0; value < 256; value++)
        {
            _idOfByte[value] = vocabulary.Tokens.GetValueOrDefault(ByteSymbols.SymbolOf((byte)value), -1);
        }
    }

    public BpeVocabulary Vocabulary { get; }
    public override PreTokenizer? PreTokenizer => _splitter;
    private protected override int EndOfPiece(ReadOnlySpan<char> text, int start) => _splitter.EndOfPiece(text, start);

    private protected override Symbols SymbolsOf(ReadOnlySpan<char> piece)
    {
        var symbols = new Symbols(piece.Length);
        if (_ignoresMerges && Vocabulary.Tokens.TryGetValue(ByteSymbols.SymbolsOf(Encoding.UTF8.GetBytes(piece.ToString())), out var whole))
        {
            symbols.Add(whole, 0, piece.Length);
            return symbols;
        }

        Span<byte> bytes = stackalloc byte[4];
        for (int start = 0, end; start < piece.Length; start = end)
        {
            Rune.DecodeFromUtf16(piece[start..], out var rune, out var units);
            end = start + units;
            foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
            {
                symbols.Add(_idOfByte[value], start, end);
            }
        }

        return symbols;
    }

    private static byte[] SpelledBy(string token) => ByteSymbols.BytesOf(token) ?? Encoding.UTF8.GetBytes(token);
}
