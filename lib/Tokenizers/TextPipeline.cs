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
