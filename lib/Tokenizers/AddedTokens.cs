using System.Buffers;
using System.Text.Json;

namespace Logitscope;

// Finds added tokens in a text: the leftmost, and of those that begin together the longest, as HuggingFace does.
internal sealed class AddedTokens
{
    private readonly SearchValues<string> _texts;
    private readonly ILookup<char, (string Text, int Id)> _longestFirst; // by their first char: Gemma has thousands

    public AddedTokens(IEnumerable<(string Text, int Id)> tokens)
    {
        _longestFirst = tokens.OrderByDescending(token => token.Text.Length).ToLookup(token => token.Text[0]);
        _texts = SearchValues.Create([.. _longestFirst.SelectMany(group => group).Select(token => token.Text)], StringComparison.Ordinal);
    }

    /// <summary>The stretch in parts, in order: added tokens, and what stands between them.</summary>
    public IEnumerable<Stretch> Cut(Stretch stretch)
    {
        for (var start = stretch.Start; start < stretch.End;)
        {
            var distance = stretch.Text.AsSpan(start, stretch.End - start).IndexOfAny(_texts);
            var found = distance < 0 ? stretch.End : start + distance;
            if (found > start)
            {
                yield return stretch.Part(start, found);
            }

            start = found;
            if (distance >= 0)
            {
                var (text, id) = _longestFirst[stretch.Text[found]].First(token => stretch.Text.AsSpan(found..stretch.End).StartsWith(token.Text));
                start = found + text.Length;
                yield return stretch.Part(found, start, id);
            }
        }
    }
}

/// <summary>A token that is found in a text as it is written, such as <c>&lt;|endoftext|&gt;</c>.</summary>
/// <param name="Text">How it is written.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsNormalized">Whether it is looked for in the normalised text, in its own normalised form.</param>
internal readonly record struct AddedToken(string Text, int Id, bool IsNormalized = false)
{
    /// <summary>The token of an object with its "content"; one that is not "special" is "normalized" unless it says otherwise.</summary>
    public static AddedToken Read(JsonField token, int id)
    {
        token.Of(JsonValueKind.Object);
        return new(TextOf(token), id, token["normalized"].Flag(otherwise: !token["special"].Flag()));
    }

    /// <summary>A token is written as a string or as an object with its "content".</summary>
    public static string TextOf(JsonField token)
    {
        if (token.Value.ValueKind != JsonValueKind.Object)
        {
            return token.Text();
        }

        foreach (var option in (string[])["lstrip", "rstrip", "single_word"])
        {
            token[option].RequireFlag(implemented: false, otherwise: false);
        }

        return token["content"].Text();
    }
}
