namespace Logitscope.Tokenizers;

/// <summary>The tokens that are matched in a text as they are written, and the roles that some of them have.</summary>
/// <param name="Added">The tokens.</param>
/// <param name="BosId">The id of the beginning-of-sequence token or null.</param>
/// <param name="EosId">The id of the end-of-sequence token or null.</param>
/// <param name="AddsBos">Whether the model's own tokenizer puts a BOS before a text.</param>
internal sealed record SpecialTokens(IReadOnlyList<AddedToken> Added, int? BosId, int? EosId, bool AddsBos)
{
    /// <summary>GPT-2's one special token.</summary>
    public const string EndOfText = "<|endoftext|>";
}
