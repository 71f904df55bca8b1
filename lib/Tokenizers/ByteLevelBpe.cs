using System.Text;

namespace Logitscope.Tokenizers;

/// <summary>
/// GPT-2's tokenizer, which GPT-J shares: text is cut into pieces by GPT-2's pattern, each piece's UTF-8 bytes are
/// merged pair by pair in the order of merges.txt (Radford et al. 2019, after Sennrich et al. 2016). Added tokens such
/// as <c>&lt;|endoftext|&gt;</c> are matched in the text first. A lone surrogate, which no valid text holds, is encoded
/// as U+FFFD; every valid string survives <c>Decode(EncodeToIds(text))</c> unchanged. Read by
/// <see cref="Tokenizer.Load"/>, made by <see cref="BpeTrainer"/>.
/// </summary>
public sealed class ByteLevelBpe : Tokenizer
{
    private readonly BpeVocabulary _vocabulary;
    private readonly MergeTable _merges;
    private readonly AddedTokens _addedTokens;
    private readonly WordCache _words = new();
    private readonly int[] _idOfByte = new int[256];
    private readonly byte[][] _bytesOfId;

    internal ByteLevelBpe(BpeVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _merges = new(vocabulary.Merges);
        _addedTokens = new(vocabulary.AddedTokens);
        for (var value = 0; value < 256; value++)
        {
            _idOfByte[value] = vocabulary.Tokens[ByteSymbols.SymbolOf((byte)value)];
        }

        VocabularySize = vocabulary.Tokens.Values.Union(vocabulary.AddedTokens.Values).Count();
        _bytesOfId = new byte[VocabularySize][];
        foreach (var (token, id) in vocabulary.Tokens)
        {
            _bytesOfId[id] = ByteSymbols.BytesOf(token) ?? Encoding.UTF8.GetBytes(token);
        }

        foreach (var (token, id) in vocabulary.AddedTokens)
        {
            _bytesOfId[id] = Encoding.UTF8.GetBytes(token);
        }
    }

    /// <inheritdoc/>
    public override int VocabularySize { get; }

    /// <inheritdoc/>
    public override int? BosId => IdOfAdded(_vocabulary.BosToken);

    /// <inheritdoc/>
    public override int? EosId => IdOfAdded(_vocabulary.EosToken);

    /// <inheritdoc/>
    public override bool AddsBos => _vocabulary.AddsBos;

    /// <inheritdoc/>
    public override IReadOnlyList<int> EncodeToIds(string text)
    {
        var ids = new List<int>(text.Length / 3);
        foreach (var piece in Pieces(text))
        {
            ids.AddRange(IdsOf(text, piece));
        }

        return ids;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EncodedToken> EncodeToTokens(string text)
    {
        var tokens = new List<EncodedToken>();
        foreach (var piece in Pieces(text))
        {
            var chars = CharsOfBytes(text, piece);
            var start = 0;
            foreach (var id in IdsOf(text, piece))
            {
                var end = start + _bytesOfId[id].Length;
                tokens.Add(new(id, TokenText(id), chars[start].Start..chars[end - 1].End));
                start = end;
            }
        }

        return tokens;
    }

    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids)
    {
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            CheckId(id);
            bytes.AddRange(_bytesOfId[id]);
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>
    /// Writes vocab.json, merges.txt and tokenizer_config.json, from which <see cref="Tokenizer.Load"/> and HuggingFace
    /// read this tokenizer back.
    /// </summary>
    /// <exception cref="TokenizerException">A file cannot be written.</exception>
    public void Save(string folder) => BpeFolder.Write(folder, _vocabulary);

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> BytesOf(int id) => _bytesOfId[id];

    private int? IdOfAdded(string? token) => token is null ? null : _vocabulary.AddedTokens[token];

    /// <summary>The text in order: added tokens as they stand, and between them GPT-2's pieces.</summary>
    private IEnumerable<Piece> Pieces(string text)
    {
        var start = 0;
        while (start < text.Length)
        {
            var added = _addedTokens.Find(text, start);
            var stop = added?.Start ?? text.Length;
            while (start < stop)
            {
                var end = Gpt2Splitter.EndOfPiece(text.AsSpan(0, stop), start);
                yield return new(start, end, AddedId: null);
                start = end;
            }

            if (added is { } token)
            {
                yield return new(token.Start, token.End, token.Id);
                start = token.End;
            }
        }
    }

    private int[] IdsOf(string text, Piece piece)
    {
        if (piece.AddedId is { } added)
        {
            return [added];
        }

        var chars = text.AsSpan(piece.Start, piece.End - piece.Start);
        if (!_words.TryGet(chars, out var ids))
        {
            ids = MergedIds(chars);
            _words.Keep(chars, ids);
        }

        return ids;
    }

    private int[] MergedIds(ReadOnlySpan<char> piece)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(piece)];
        Encoding.UTF8.GetBytes(piece, bytes);
        var symbols = Array.ConvertAll(bytes, value => _idOfByte[value]);
        return symbols[.._merges.Apply(symbols)];
    }

    /// <summary>For each UTF-8 byte of a piece, the chars of the text that its character is written with.</summary>
    private static List<(int Start, int End)> CharsOfBytes(string text, Piece piece)
    {
        var chars = new List<(int Start, int End)>();
        for (var start = piece.Start; start < piece.End;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(start, piece.End - start), out var rune, out var units);
            chars.AddRange(Enumerable.Repeat((start, start + units), rune.Utf8SequenceLength));
            start += units;
        }

        return chars;
    }

    private readonly record struct Piece(int Start, int End, int? AddedId);
}
