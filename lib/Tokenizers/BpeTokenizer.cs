using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Logitscope;

// Byte pair encoding (Sennrich et al. 2016), whatever the symbols are: a text is cut into pieces, and the symbols of each are
// merged pair by pair. Added tokens such as <|endoftext|> are taken out of the text first. A lone surrogate, which no valid text
// holds, is encoded as U+FFFD.
internal abstract class BpeTokenizer : ModelTokenizer
{
    private readonly TextPipeline _pipeline;
    private readonly MergeTable _merges;
    private readonly WordCache _words = new();
    private readonly byte[][] _bytesOfId;

    private protected BpeTokenizer(
        BpeVocabulary vocabulary, TextRewriter preparation, MergeTable merges, Func<string, byte[]> spelledBy)
    {
        var special = vocabulary.Special;
        (VocabularySize, BosId, EosId, AddsBos) = (vocabulary.Size, special.BosId, special.EosId, special.AddsBos);
        _pipeline = new(special.Added, vocabulary.Normalizer, preparation);
        _merges = merges;
        _bytesOfId = new byte[VocabularySize][];
        foreach (var (token, id) in vocabulary.Tokens)
        {
            _bytesOfId[id] = spelledBy(token);
        }

        foreach (var token in special.Added)
        {
            _bytesOfId[token.Id] ??= Encoding.UTF8.GetBytes(token.Text); // Gemma's runs of spaces are in its vocabulary, as ▁
        }
    }

    public override string Decode(IEnumerable<int> ids)
    {
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            CheckIds(id);
            bytes.AddRange(_bytesOfId[id]);
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private protected override IReadOnlyList<int> AllIds(string text, EncodeSettings settings)
    {
        var ids = new List<int>(text.Length / 3);
        foreach (var (stretch, start, end) in Pieces(text, settings))
        {
            ids.AddRange(stretch.AddedId is { } added ? [added] : IdsOf(stretch.Text.AsSpan(start..end)));
        }

        return ids;
    }

    private protected override IReadOnlyList<EncodedToken> AllTokens(
        string text, EncodeSettings settings, out string? normalizedText)
    {
        normalizedText = null;
        var tokens = new List<EncodedToken>();
        foreach (var (stretch, first, last) in Pieces(text, settings))
        {
            if (stretch.AddedId is { } added)
            {
                tokens.Add(new(added, TokenText(added), stretch.SourceOf(first, last)));
                continue;
            }

            var symbols = SymbolsOf(stretch.Text.AsSpan(first..last));
            int[] ids = [.. symbols.Ids];
            var places = new int[ids.Length];
            var count = _merges.Apply(ids, places);
            for (var i = 0; i < count; i++)
            {
                var (start, end) = symbols.CharsOf(places[i], i + 1 < count ? places[i + 1] : ids.Length);
                tokens.Add(new(ids[i], TokenText(ids[i]), stretch.SourceOf(first + start, first + end)));
            }
        }

        return tokens;
    }

    private protected override ReadOnlySpan<byte> BytesOf(int id) => _bytesOfId[id];

    /// <summary>The end of the piece that begins at <paramref name="start"/>; no merge reaches over it.</summary>
    private protected abstract int EndOfPiece(ReadOnlySpan<char> text, int start);

    /// <summary>The symbols of a piece before merging.</summary>
    private protected abstract Symbols SymbolsOf(ReadOnlySpan<char> piece);

    /// <summary>Added tokens, and the pieces within which symbols are merged.</summary>
    private IEnumerable<(Stretch Stretch, int Start, int End)> Pieces(string text, EncodeSettings settings)
    {
        foreach (var stretch in _pipeline.Split(text, settings))
        {
            for (int start = stretch.Start, end; start < stretch.End; start = end)
            {
                end = stretch.AddedId is null && settings.ConsiderPreTokenization
                    ? EndOfPiece(stretch.Text.AsSpan(0, stretch.End), start)
                    : stretch.End;
                yield return (stretch, start, end);
            }
        }
    }

    private int[] IdsOf(ReadOnlySpan<char> piece)
    {
        if (!_words.TryGet(piece, out var ids))
        {
            ids = [.. SymbolsOf(piece).Ids];
            ids = ids[.._merges.Apply(ids)];
            _words.Keep(piece, ids);
        }

        return ids;
    }
}

/// <summary>One line of merges.txt in ids: left and right become product.</summary>
internal readonly record struct BpeMerge(int Left, int Right, int Product);

// The ids of pieces seen before: a text's words repeat, their merging need not. It is bounded: a long piece is not kept, and a
// full cache starts anew.
internal sealed class WordCache
{
    private const int Capacity = 1 << 17;
    private const int LongestKept = 48;

    private volatile ConcurrentDictionary<string, int[]> _ids = new(StringComparer.Ordinal);
    private int _count;

    public bool TryGet(ReadOnlySpan<char> piece, [NotNullWhen(true)] out int[]? ids) =>
        _ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(piece, out ids);

    public void Keep(ReadOnlySpan<char> piece, int[] ids)
    {
        if (piece.Length > LongestKept)
        {
            return;
        }

        if (Interlocked.Increment(ref _count) > Capacity)
        {
            _ids = new(StringComparer.Ordinal);
            Interlocked.Exchange(ref _count, 1);
        }

        _ids.TryAdd(piece.ToString(), ids);
    }
}
