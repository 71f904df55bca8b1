namespace Logitscope.Models;

/// <summary>Where in a block a residual vector is read or written.</summary>
public enum Site
{
    /// <summary>The input of block l. At layer 0 this is the embedding.</summary>
    ResidPre,

    /// <summary>The output of block l: HuggingFace's <c>hidden_states[l+1]</c>, but never past the final norm.</summary>
    ResidPost,
}
