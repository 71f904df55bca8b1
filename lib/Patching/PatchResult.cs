using Logitscope.Tokenizers;

namespace Logitscope.Patching;

/// <summary>What a patched target says next.</summary>
/// <param name="SourceTokens">The token table of the source prompt.</param>
/// <param name="TargetTokens">The token table of the target prompt.</param>
/// <param name="Next">The distribution after the target prompt's last token.</param>
/// <param name="Change">How that differs from the unpatched run.</param>
/// <param name="GeneratedIds">The greedy continuation.</param>
/// <param name="GeneratedText">The same in words.</param>
public sealed record PatchResult(
    IReadOnlyList<PromptToken> SourceTokens,
    IReadOnlyList<PromptToken> TargetTokens,
    NextTokenDistribution Next,
    PatchChange Change,
    IReadOnlyList<int> GeneratedIds,
    string GeneratedText);
