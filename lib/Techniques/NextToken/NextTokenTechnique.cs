namespace Logitscope;

/// <summary>
/// A way to read one residual as a next-token distribution. A technique says where the residual goes; the sweep decides
/// how to run it.
/// </summary>
public abstract record NextTokenTechnique
{
    /// <summary>The logit lens, read directly.</summary>
    public static LogitLens LogitLens { get; } = new();

    /// <summary>The token-identity Patchscope with the reference's prompt.</summary>
    public static TokenIdentity TokenIdentity { get; } = new();

    /// <summary>Logitscope: the bare prompt "?".</summary>
    public static LogitscopeTechnique Logitscope { get; } = new();

    /// <summary>The logit lens, run as a Patchscope.</summary>
    public static LensPatchscope LogitLensPatchscope { get; } = new(LogitLens);

    /// <summary>The reference's three, in its order.</summary>
    public static IReadOnlyList<NextTokenTechnique> Reference { get; } = [LogitLens, TokenIdentity, Logitscope];

    /// <summary>All that need no fitting, with the published variants of their prompts.</summary>
    public static IReadOnlyList<NextTokenTechnique> All { get; } =
    [
        .. Reference, LogitLensPatchscope, TokenIdentity.Semicolons, TokenIdentity.Words, TokenIdentity.Arrow,
        LogitscopeTechnique.WithoutBos, LogitscopeTechnique.Padded, new InPlacePrompt(),
    ];

    /// <summary>What it is called in results and on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>How many tokens further it foretells than the next one. A sweep compares with the next one, and refuses others.</summary>
    public virtual int Ahead => 0;

    /// <summary>Where the residuals of a layer go. A sweep asks from several threads at once.</summary>
    /// <param name="model">Source and target model.</param>
    /// <param name="layer">The 0-based source layer l; the residual is its resid_post.</param>
    /// <returns>The target.</returns>
    /// <exception cref="LogitscopeException">The target prompt cannot be encoded.</exception>
    public abstract Reading ReadingOf(LanguageModel model, int layer);

    /// <summary>The same, with a BOS before its target prompt as before the source prompts, unless that says itself.</summary>
    /// <param name="bos">Of the source prompts.</param>
    /// <returns>The technique itself where it has no target prompt of its own.</returns>
    public virtual NextTokenTechnique WithBos(Bos bos) => this;

    /// <summary>The same, read from another place in the block: what attention or MLP adds, or the residual before.</summary>
    /// <param name="site">A site as wide as the residual stream.</param>
    /// <returns>The technique, called <c>logit-lens@mlp_out</c>; itself for <see cref="Site.ResidPost"/>.</returns>
    /// <exception cref="LogitscopeException">The site has another width, or the technique was fitted to resid_post.</exception>
    public NextTokenTechnique From(Site site) => site == Site.ResidPost ? this
        : !site.HasHidden() ? throw new LogitscopeException($"{Name}: expected a site as wide as the residual stream, got {site.Name()}")
        : this is FittedTechnique or LensPatchscope { Lens: FittedTechnique }
            ? throw new LogitscopeException($"{Name}: expected resid_post, which it was fitted to, got {site.Name()}")
        : new FromSite(this, site);

    /// <summary>A technique of one's own, without a class.</summary>
    /// <param name="name">What it is called in results.</param>
    /// <param name="target">The target prompt; a text is patched at its last token.</param>
    /// <param name="targetLayer">The target layer l* of a source layer l. Default: l itself.</param>
    /// <param name="mapping">The mapping f. Default: the identity.</param>
    /// <returns>The technique.</returns>
    /// <example>
    /// <c>NextTokenTechnique.InPrompt("mine", "A word: ?")</c>,
    /// <c>NextTokenTechnique.InPrompt("early", new("x is") { Placeholder = "x" }, layer => layer / 2)</c>
    /// </example>
    public static NextTokenTechnique InPrompt(string name, TargetPrompt target, Func<int, int>? targetLayer = null, Mapping? mapping = null) =>
        new PromptTechnique(name) { Target = target, TargetLayer = targetLayer ?? (layer => layer), Mapping = mapping ?? Mapping.Identity };

    /// <summary>A lens of one's own, without a class: final norm and unembedding of the mapped residual.</summary>
    /// <param name="name">What it is called in results.</param>
    /// <param name="mapping">The mapping f of a source layer.</param>
    /// <returns>The technique.</returns>
    /// <example><c>NextTokenTechnique.Direct("centred", layer => Mapping.Of("minus-mean", h => h - mean[layer], ("mean", mean[layer])))</c></example>
    public static NextTokenTechnique Direct(string name, Func<int, Mapping> mapping) => new OwnLens(name, mapping);

    /// <summary>The technique of a name.</summary>
    /// <param name="name">For example <c>logit-lens</c>, or <c>logit-lens@mlp_out</c> for another <see cref="Site"/>.</param>
    /// <returns>The technique with its default prompt.</returns>
    /// <exception cref="LogitscopeException">There is none of that name.</exception>
    public static NextTokenTechnique Named(string name) =>
        name.Split('@') is [var method, var place]
            ? Named(method).From(Sites.ByName.TryGetValue(place, out var site)
                ? site
                : throw new LogitscopeException($"method {name}: expected a site behind the @, such as mlp_out, got '{place}'" + DidYouMean.Of(place, Sites.ByName.Keys)))
        : All.FirstOrDefault(technique => technique.Name == name)
        ?? throw new LogitscopeException(
            $"method: expected one of {string.Join(", ", All.Select(technique => technique.Name))}, got '{name}'"
            + DidYouMean.Of(name, All.Select(technique => technique.Name)));

    private sealed record FromSite(NextTokenTechnique Technique, Site Site) : NextTokenTechnique
    {
        public override string Name => $"{Technique.Name}@{Site.Name()}";

        public override int Ahead => Technique.Ahead;

        public override NextTokenTechnique WithBos(Bos bos) => this with { Technique = Technique.WithBos(bos) };

        public override Reading ReadingOf(LanguageModel model, int layer) => Technique.ReadingOf(model, layer) with { Site = Site };
    }

    private sealed record OwnLens(string Called, Func<int, Mapping> Mapping) : NextTokenTechnique
    {
        public override string Name => Called;

        public override Reading ReadingOf(LanguageModel model, int layer) => new Reading.Direct { Mapping = Mapping(layer) };
    }
}

/// <summary>How a technique reads the residuals of one source layer: the (M*, T, l*, i*, f) of the Patchscopes tuple.</summary>
public abstract record Reading
{
    private Reading()
    {
    }

    /// <summary>The f: what happens to the residual on its way.</summary>
    public Mapping Mapping { get; init; } = Mapping.Identity;

    /// <summary>Where in the source's block it is taken. Default: the block's output.</summary>
    public Site Site { get; init; } = Site.ResidPost;

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

    /// <summary>The target is a bare prompt behind so much padding that its last token has the position that the residual came from.</summary>
    /// <param name="Bare">The prompt without padding; a BOS stays in front.</param>
    /// <param name="PaddingId">The id that pads.</param>
    /// <param name="TargetLayer">The 0-based block l* whose output is replaced, at the last token.</param>
    public sealed record InPlace(Prompt Bare, int PaddingId, int TargetLayer) : Reading
    {
        /// <summary>The target of a position. Where it is too early for all of the prompt, the prompt's end.</summary>
        internal Prompt At(LanguageModel model, int position)
        {
            var bos = Bare.HasBos && position > 0 ? 1 : 0;
            var own = Bare.Ids.Skip(Math.Max(bos, Bare.Count - 1 - position + bos));
            return model.FromIds([.. Bare.Ids.Take(bos), .. Enumerable.Repeat(PaddingId, Math.Max(0, position + 1 - bos - own.Count())), .. own]);
        }
    }
}
