using System.Text;
using Microsoft.ML.Tokenizers;

namespace Logitscope;

// GPT-2's tokenizer, which GPT-J and GPT-NeoX share: text is cut into pieces by GPT-2's pattern, and the UTF-8 bytes of each are
// merged in the order of merges.txt (Radford et al. 2019). GPT-NeoX's normalises the text to NFC first; but for that, every valid
// string survives Decode(EncodeToIds(text)) unchanged. Read by Load.
internal sealed class ByteLevelBpe : BpeTokenizer
{
    /// <summary>-1 for a byte that no UTF-8 holds and that has no token.</summary>
    private readonly int[] _idOfByte = new int[256];

    public ByteLevelBpe(BpeVocabulary vocabulary) : base(vocabulary, TextRewriter.None, new(vocabulary.Merges), SpelledBy)
    {
        Vocabulary = vocabulary;
        for (var value = 0; value < 256; value++)
        {
            _idOfByte[value] = vocabulary.Tokens.GetValueOrDefault(ByteSymbols.SymbolOf((byte)value), -1);
        }
    }

    public BpeVocabulary Vocabulary { get; }
    public override PreTokenizer? PreTokenizer => Gpt2Splitter.Instance;
    private protected override int EndOfPiece(ReadOnlySpan<char> text, int start) => Gpt2Splitter.EndOfPiece(text, start);

    private protected override Symbols SymbolsOf(ReadOnlySpan<char> piece)
    {
        var symbols = new Symbols(piece.Length);
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
