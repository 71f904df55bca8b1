namespace Logitscope.Models;

/// <summary>A place in the residual stream.</summary>
/// <param name="Layer">0-based block.</param>
/// <param name="Site">Its input or its output.</param>
public readonly record struct Hook(int Layer, Site Site)
{
    /// <summary>The field's name of the place.</summary>
    /// <returns>For example <c>resid_post.3</c>, as in the files of <c>logitscope logits</c>.</returns>
    public override string ToString() => Site switch
    {
        Site.ResidPre => $"resid_pre.{Layer}",
        Site.ResidPost => $"resid_post.{Layer}",
        _ => $"{Site}.{Layer}",
    };
}

/// <summary>Where in a block a residual vector is read or written.</summary>
public enum Site
{
    /// <summary>The input of block l. At layer 0 this is the embedding.</summary>
    ResidPre,

    /// <summary>The output of block l: HuggingFace's <c>hidden_states[l+1]</c>, but never past the final norm.</summary>
    ResidPost,
}

/// <summary>A patch: a residual vector that replaces the model's own during a forward pass.</summary>
/// <param name="Hook">Where.</param>
/// <param name="Position">
/// 0-based, counted from the first token of the sequence, cached tokens included; a negative one counts from the end.
/// </param>
/// <param name="Value"><c>[hidden]</c> for all rows of the batch, or <c>[batch, hidden]</c>.</param>
public sealed record Edit(Hook Hook, int Position, Tensor Value);

/// <summary>Which positions of a forward pass are unembedded. For a large vocabulary this is most of the cost.</summary>
public enum LogitsOf
{
    /// <summary>Every position.</summary>
    AllPositions,

    /// <summary>The last position of the batch only.</summary>
    LastPosition,

    /// <summary>None: the logits are an empty tensor <c>[batch, 0, vocab]</c>.</summary>
    NoPosition,
}
