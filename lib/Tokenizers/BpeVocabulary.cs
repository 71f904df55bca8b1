namespace Logitscope.Tokenizers;

/// <summary>
/// What the files of a BPE tokenizer hold, checked: ids run from 0 with none missing, and every merge joins tokens into
/// a token.
/// </summary>
internal record BpeVocabulary
{
    /// <summary>Tokens as their file spells them, to ids.</summary>
    public required IReadOnlyDictionary<string, int> Tokens { get; init; }

    /// <summary>The first is merged first.</summary>
    public required IReadOnlyList<BpeMerge> Merges { get; init; }

    /// <summary>The tokens matched in a text as they are written, and the roles that some have.</summary>
    public required SpecialTokens Special { get; init; }

    /// <summary>What is done to a text between added tokens.</summary>
    public TextRewriter Normalizer { get; init; } = TextRewriter.None;

    /// <summary>How many ids there are, added tokens counted.</summary>
    public int Size => Tokens.Values.Union(Special.Added.Select(token => token.Id)).Count();

    /// <summary>Throws unless the ids run from 0 with none missing.</summary>
    public void RequireEveryId(string path)
    {
        HashSet<int> ids = [.. Tokens.Values, .. Special.Added.Select(token => token.Id)];
        for (var id = 0; id < ids.Count; id++)
        {
            if (!ids.Contains(id))
            {
                throw new TokenizerException(
                    $"'{path}' and the added tokens have {ids.Count} ids: "
                    + $"expected 0 to {ids.Count - 1}, got no token for {id}.");
            }
        }
    }
}
