using Microsoft.ML.Tokenizers;

namespace Logitscope.Tokenizers;

/// <summary>
/// From a text to the stretches whose symbols are merged, in HuggingFace's order: added tokens are taken out of the
/// text as it is, what is left is normalised, the added tokens that are written normalised are taken out of that, and
/// what is left is prepared for merging.
/// </summary>
internal sealed class TextPipeline
{
    private readonly AddedTokens _raw;
    private readonly TextRewriter _normalizer;
    private readonly AddedTokens _normalized;
    private readonly TextRewriter _preparation;

    public TextPipeline(IReadOnlyList<AddedToken> added, TextRewriter normalizer, TextRewriter preparation)
    {
        _raw = new(added.Where(token => !token.IsNormalized).Select(token => (token.Text, token.Id)));
        _normalizer = normalizer;
        _normalized = new(added.Where(token => token.IsNormalized).Select(token => (Normalized(token.Text), token.Id)));
        _preparation = preparation;

        string Normalized(string text) => normalizer.Apply(new(text)).Chars.ToString();
    }

    /// <summary>The stretches of a text in order; none is empty. The settings may leave a step away.</summary>
    public IEnumerable<Stretch> Split(string text, EncodeSettings settings)
    {
        foreach (var raw in _raw.Cut(new(text)))
        {
            if (raw.AddedId is not null)
            {
                yield return raw;
                continue;
            }

            foreach (var part in _normalized.Cut(settings.ConsiderNormalization ? _normalizer.Apply(raw) : raw))
            {
                yield return part.AddedId is null && settings.ConsiderPreTokenization ? _preparation.Apply(part) : part;
            }
        }
    }
}

/// <summary>What a tokenizer does to a text, or to a part of one, before it is cut and merged.</summary>
internal abstract class TextRewriter
{
    /// <summary>Leaves a text as it is.</summary>
    public static TextRewriter None { get; } = new Nothing();

    /// <summary>The stretch as the tokenizer wants it.</summary>
    public abstract Stretch Apply(Stretch stretch);

    private sealed class Nothing : TextRewriter
    {
        public override Stretch Apply(Stretch stretch) => stretch;
    }
}

/// <summary>
/// A stretch of a text on its way to ids, possibly rewritten, that knows which chars of the source it came from.
/// </summary>
internal sealed class Stretch
{
    /// <summary>For each char of <see cref="Text"/>, its range in the source; null where they are the same.</summary>
    private readonly (int Start, int End)[]? _sources;

    public Stretch(string text) : this(text, 0, text.Length, sources: null)
    {
    }

    private Stretch(string text, int start, int end, (int Start, int End)[]? sources, int? addedId = null)
    {
        Text = text;
        Start = start;
        End = end;
        _sources = sources;
        AddedId = addedId;
    }

    /// <summary>The string in which the stretch lies.</summary>
    public string Text { get; }

    /// <summary>Its first char in <see cref="Text"/>.</summary>
    public int Start { get; }

    /// <summary>The char after its last in <see cref="Text"/>.</summary>
    public int End { get; }

    /// <summary>The id, where the stretch is an added token.</summary>
    public int? AddedId { get; }

    /// <summary>The chars.</summary>
    public ReadOnlySpan<char> Chars => Text.AsSpan(Start, End - Start);

    /// <summary>A part of it, from one place in <see cref="Text"/> to another.</summary>
    public Stretch Part(int start, int end, int? addedId = null) => new(Text, start, end, _sources, addedId);

    /// <summary>Another text for the same chars of the source.</summary>
    public Stretch Rewritten(string text, (int Start, int End)[] origins)
    {
        var sources = _sources is null ? origins : Array.ConvertAll(origins, origin => Pair(SourceOf(origin.Start, origin.End)));
        return new(text, 0, text.Length, sources);

        static (int, int) Pair(Range range) => (range.Start.Value, range.End.Value);
    }

    /// <summary>The chars of the source that some chars of <see cref="Text"/> came from.</summary>
    public Range SourceOf(int start, int end)
    {
        if (_sources is null)
        {
            return start..end;
        }

        if (start < end)
        {
            return _sources[start].Start.._sources[end - 1].End;
        }

        var place = start < _sources.Length ? _sources[start].Start : _sources is [.., var last] ? last.End : 0;
        return place..place;
    }
}
