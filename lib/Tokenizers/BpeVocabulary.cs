namespace Logitscope.Tokenizers;

/// <summary>
/// What the files of a byte-level BPE tokenizer hold, checked: ids run from 0 with none missing, every byte has a
/// token, and every merge joins tokens into a token.
/// </summary>
internal sealed record BpeVocabulary
{
    /// <summary>vocab.json: tokens, spelled in <see cref="ByteSymbols"/>, to ids.</summary>
    public required IReadOnlyDictionary<string, int> Tokens { get; init; }

    /// <summary>merges.txt: the first is merged first.</summary>
    public required IReadOnlyList<BpeMerge> Merges { get; init; }

    /// <summary>Tokens matched in a text as they are written, to ids; some are in <see cref="Tokens"/> too.</summary>
    public required IReadOnlyDictionary<string, int> AddedTokens { get; init; }

    /// <summary>The beginning-of-sequence token, one of <see cref="AddedTokens"/>, or null.</summary>
    public string? BosToken { get; init; }

    /// <summary>The end-of-sequence token, one of <see cref="AddedTokens"/>, or null.</summary>
    public string? EosToken { get; init; }

    /// <summary>Whether the model's own tokenizer puts a BOS before a text.</summary>
    public bool AddsBos { get; init; }
}
