using Microsoft.ML.Tokenizers;

namespace Logitscope;

// From a text to the stretches whose symbols are merged, in HuggingFace's order: added tokens are taken out of the text as it is,
// what is left is normalised, the added tokens that are written normalised are taken out of that, and what is left is prepared
// for merging.
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
internal class TextRewriter
{
    /// <summary>Leaves a text as it is.</summary>
    public static TextRewriter None { get; } = new();

    /// <summary>The stretch as the tokenizer wants it.</summary>
    public virtual Stretch Apply(Stretch stretch) => stretch;
}

// A stretch of a text on its way to ids, possibly rewritten, that knows which chars of the source it came from.
internal sealed class Stretch(string text, int start, int end, (int Start, int End)[]? sources = null, int? addedId = null)
{
    public Stretch(string text) : this(text, 0, text.Length)
    {
    }

    public string Text => text;
    public int Start => start;
    public int End => end;
    public int? AddedId => addedId;
    public ReadOnlySpan<char> Chars => text.AsSpan(start, end - start);

    /// <summary>A part of it, from one place in <see cref="Text"/> to another.</summary>
    public Stretch Part(int from, int to, int? added = null) => new(text, from, to, sources, added);

    /// <summary>Another text for the same chars of the source; of each of its chars, the places in <see cref="Text"/>.</summary>
    public Stretch Rewritten(string other, (int Start, int End)[] origins)
    {
        return new(other, 0, other.Length, Array.ConvertAll(origins, origin => Pair(SourceOf(origin.Start, origin.End))));

        static (int, int) Pair(Range range) => (range.Start.Value, range.End.Value);
    }

    /// <summary>The chars of the source that some chars of <see cref="Text"/> came from.</summary>
    public Range SourceOf(int from, int to)
    {
        if (sources is null || from < to)
        {
            return sources is null ? from..to : sources[from].Start..sources[to - 1].End;
        }

        var place = from < sources.Length ? sources[from].Start : sources is [.., var last] ? last.End : 0;
        return place..place;
    }
}
