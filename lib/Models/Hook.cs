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
