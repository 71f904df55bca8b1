namespace Logitscope;

/// <summary>A place in the model that is read, changed or differentiated.</summary>
/// <param name="Layer">0-based block.</param>
/// <param name="Site">Where in the block.</param>
public readonly record struct Hook(int Layer, Site Site)
{
    /// <summary>The field's name of the place.</summary>
    /// <returns>For example <c>resid_post.3</c>, as in the files of <c>logitscope logits</c>.</returns>
    public override string ToString() => $"{Site.Name()}.{Layer}";
}

/// <summary>Where in a block. Shapes: <see cref="LanguageModel.ShapeOf"/>.</summary>
public enum Site
{
    /// <summary>The input of block l, <c>[batch, position, hidden]</c>. At layer 0 this is the embedding.</summary>
    ResidPre,

    /// <summary>What the attention adds, past its output projection and bias, <c>[batch, position, hidden]</c>.</summary>
    AttnOut,

    /// <summary>
    /// Between attention and MLP, <c>[batch, position, hidden]</c>; not where a block computes both side by side, see
    /// <see cref="LanguageModel.HasResidMid"/>.
    /// </summary>
    ResidMid,

    /// <summary>What the MLP adds, <c>[batch, position, hidden]</c>.</summary>
    MlpOut,

    /// <summary>
    /// The output of block l, <c>[batch, position, hidden]</c>: HuggingFace's <c>hidden_states[l+1]</c>, but never past the
    /// final norm.
    /// </summary>
    ResidPost,

    /// <summary>The values that each head has mixed, before the output projection, <c>[batch, head, position, head_dim]</c>.</summary>
    HeadOut,

    /// <summary>
    /// What goes into the softmax, scaled and with the future at minus infinity, <c>[batch, head, query, key]</c>; keys are
    /// all tokens, those of a cache included. float32 at least.
    /// </summary>
    Scores,

    /// <summary>The attention pattern that comes out of it, <c>[batch, head, query, key]</c>, in the model's type.</summary>
    Pattern,
}

/// <summary>What the sites are called, and what they have.</summary>
public static class Sites
{
    /// <summary>All of them, in the order of the enumeration, by <see cref="Name"/>.</summary>
    public static IReadOnlyDictionary<string, Site> ByName { get; } = Enum.GetValues<Site>().ToDictionary(Name);

    /// <summary>The field's name of a site: <c>resid_pre</c>, <c>attn_out</c>, <c>heads</c>...</summary>
    /// <param name="site">The site.</param>
    /// <returns>The name.</returns>
    /// <exception cref="ModelException">There is no such site.</exception>
    public static string Name(this Site site) => site switch
    {
        Site.ResidPre => "resid_pre",
        Site.AttnOut => "attn_out",
        Site.ResidMid => "resid_mid",
        Site.MlpOut => "mlp_out",
        Site.ResidPost => "resid_post",
        Site.HeadOut => "heads",
        Site.Scores => "scores",
        Site.Pattern => "pattern",
        _ => throw Unknown(site),
    };

    /// <summary>Whether it holds one vector of the residual stream's width a position.</summary>
    internal static bool HasHidden(this Site site) => site switch
    {
        Site.ResidPre or Site.AttnOut or Site.ResidMid or Site.MlpOut or Site.ResidPost => true,
        Site.HeadOut or Site.Scores or Site.Pattern => false,
        _ => throw Unknown(site),
    };

    /// <summary>Whether it holds one number a query and key.</summary>
    internal static bool HasKeys(this Site site) => site switch
    {
        Site.Scores or Site.Pattern => true,
        Site.ResidPre or Site.AttnOut or Site.ResidMid or Site.MlpOut or Site.ResidPost or Site.HeadOut => false,
        _ => throw Unknown(site),
    };

    /// <summary>The error for a number that is no site.</summary>
    internal static ModelException Unknown(Site site) =>
        new($"a site: expected one of {string.Join(", ", ByName.Keys)}, got number {(int)site}");
}

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
