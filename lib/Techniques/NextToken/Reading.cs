using Logitscope.Tokenizers;

namespace Logitscope.Techniques.NextToken;

/// <summary>How a technique reads the residuals of one source layer: the (T, l*, i*) of the Patchscopes tuple.</summary>
public abstract record Reading
{
    private Reading()
    {
    }

    /// <summary>No target run: final norm and unembedding at once.</summary>
    public sealed record Direct : Reading;

    /// <summary>The target is the source prompt itself, patched at the position that the residual came from.</summary>
    /// <param name="TargetLayer">The 0-based block l* whose output is replaced.</param>
    public sealed record InSource(int TargetLayer) : Reading;

    /// <summary>The target is a prompt of its own, patched at its last token, after which it is read.</summary>
    /// <param name="Target">The prompt T.</param>
    /// <param name="TargetLayer">The 0-based block l* whose output is replaced.</param>
    public sealed record InPrompt(Prompt Target, int TargetLayer) : Reading;
}
