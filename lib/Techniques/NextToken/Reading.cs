using Logitscope.Models;
using Logitscope.Patching;
using Logitscope.Tokenizers;

namespace Logitscope.Techniques.NextToken;

/// <summary>How a technique reads the residuals of one source layer: the (M*, T, l*, i*, f) of the Patchscopes tuple.</summary>
public abstract record Reading
{
    private Reading()
    {
    }

    /// <summary>The f: what happens to the residual on its way.</summary>
    public Mapping Mapping { get; init; } = Mapping.Identity;

    /// <summary>No target run: final norm and unembedding at once.</summary>
    public sealed record Direct : Reading;

    /// <summary>The target is the source prompt itself, patched at the position that the residual came from.</summary>
    /// <param name="TargetLayer">The 0-based block l* whose output is replaced.</param>
    public sealed record InSource(int TargetLayer) : Reading;

    /// <summary>The target is a prompt of its own; what it says after its last token is read.</summary>
    /// <param name="Target">The prompt T.</param>
    /// <param name="TargetLayer">The 0-based block l* whose output is replaced.</param>
    public sealed record InPrompt(Prompt Target, int TargetLayer) : Reading
    {
        /// <summary>The token i* that is replaced. Default: the last.</summary>
        public Index Position { get; init; } = ^1;

        /// <summary>The target model M*. Default: the source model. Both must have one vocabulary.</summary>
        public LanguageModel? Model { get; init; }
    }
}
