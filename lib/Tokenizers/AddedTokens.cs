using System.Buffers;

namespace Logitscope.Tokenizers;

/// <summary>
/// Tokens that are found in a text as they are written, before any splitting or merging, such as
/// <c>&lt;|endoftext|&gt;</c>: the leftmost, and of those that begin together the longest, as HuggingFace finds them.
/// </summary>
internal sealed class AddedTokens
{
    private readonly SearchValues<string> _texts;
    private readonly (string Text, int Id)[] _longestFirst;

    public AddedTokens(IReadOnlyDictionary<string, int> ids)
    {
        _texts = SearchValues.Create([.. ids.Keys], StringComparison.Ordinal);
        _longestFirst = [.. ids.Select(token => (token.Key, token.Value)).OrderByDescending(token => token.Key.Length)];
    }

    /// <summary>The first added token at or after <paramref name="from"/>, or null.</summary>
    public (int Start, int End, int Id)? Find(string text, int from)
    {
        var distance = text.AsSpan(from).IndexOfAny(_texts);
        if (distance < 0)
        {
            return null;
        }

        var start = from + distance;
        var (found, id) = _longestFirst.First(token => text.AsSpan(start).StartsWith(token.Text));
        return (start, start + found.Length, id);
    }
}
