using System.Buffers;

namespace Logitscope.Tokenizers;

/// <summary>
/// Finds added tokens in a text: the leftmost, and of those that begin together the longest, as HuggingFace does.
/// </summary>
internal sealed class AddedTokens
{
    private readonly SearchValues<string> _texts;
    private readonly (string Text, int Id)[] _longestFirst;

    public AddedTokens(IEnumerable<(string Text, int Id)> tokens)
    {
        _longestFirst = [.. tokens.OrderByDescending(token => token.Text.Length)];
        _texts = SearchValues.Create([.. _longestFirst.Select(token => token.Text)], StringComparison.Ordinal);
    }

    /// <summary>The stretch in parts, in order: added tokens, and what stands between them.</summary>
    public IEnumerable<Stretch> Cut(Stretch stretch)
    {
        var start = stretch.Start;
        while (start < stretch.End)
        {
            var (found, end, id) = Find(stretch, start);
            if (found > start)
            {
                yield return stretch.Part(start, found);
            }

            if (id is not null)
            {
                yield return stretch.Part(found, end, id);
            }

            start = end;
        }
    }

    private (int Start, int End, int? Id) Find(Stretch stretch, int from)
    {
        var rest = stretch.Text.AsSpan(from, stretch.End - from);
        var distance = rest.IndexOfAny(_texts);
        if (distance < 0)
        {
            return (stretch.End, stretch.End, null);
        }

        foreach (var (text, id) in _longestFirst)
        {
            if (rest[distance..].StartsWith(text))
            {
                return (from + distance, from + distance + text.Length, id);
            }
        }

        throw new InvalidOperationException("A found token is one of the tokens.");
    }
}

/// <summary>A token that is found in a text as it is written, such as <c>&lt;|endoftext|&gt;</c>.</summary>
/// <param name="Text">How it is written.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsNormalized">Whether it is looked for in the normalised text, in its own normalised form.</param>
internal readonly record struct AddedToken(string Text, int Id, bool IsNormalized = false);
