namespace Logitscope;

/// <summary>
/// A Patchscope: run the source, take one residual, map it, put it into the target's run in place of the target's own,
/// and read what the target says next. Ghandeharioun et al., arXiv 2401.06102, section 3.
/// </summary>
/// <param name="Source">Where the residual is taken from.</param>
/// <param name="Target">Where it is put.</param>
public sealed record Patchscope(Source Source, Target Target)
{
    /// <summary>What happens to the residual in between.</summary>
    public Mapping Mapping { get; init; } = Mapping.Identity;

    /// <summary>Runs source and target, and the target once more unpatched.</summary>
    /// <returns>What the target says next, and how that differs from the unpatched run.</returns>
    /// <exception cref="LogitscopeException">
    /// A layer, a position or a size does not fit; the message says which.
    /// </exception>
    public PatchResult Run()
    {
        using var scope = NewDisposeScope();
        using var cache = new KeyValueCache();
        var (width, heads) = HeadOf.Check(Target.Model, TargetHook, Target.Head);
        var position = Target.Prompt.ResolvePosition(Target.Position);
        var edit = new Edit(TargetHook, position, Mapping.Run(ReadSource(), Target.Model, width)) { Heads = heads };
        var patched = RunTarget([edit], cache); // [vocab]
        var unpatched = RunTarget([], cache: null); // [vocab]

        var tokenizer = Target.Prompt.Tokenizer;
        var generation = new GenerationOptions { MaxNewTokens = Target.MaxNewTokens, StopId = tokenizer.EosId };
        var generated = Target.Model.Continue(cache, patched, generation);
        return new PatchResult(
            Source.Prompt,
            Source.Prompt.ResolvePosition(Source.Position),
            Target.Prompt,
            position,
            new NextTokenDistribution(patched, tokenizer),
            Compare(unpatched, patched),
            generated,
            tokenizer.Words(generated));
    }

    private Hook TargetHook => new(Target.Layer, Target.Site);

    // The whole source prompt, not only up to the position: a shorter matrix product may round its last bit otherwise,
    // and a run patched into itself must be the same run.
    private Tensor ReadSource()
    {
        var position = Source.Prompt.ResolvePosition(Source.Position);
        var hook = new Hook(Source.Layer, Source.Site);
        HeadOf.Check(Source.Model, hook, Source.Head);
        var kept = Source.Model.Forward(Source.Prompt, new() { Keep = [hook], Logits = LogitsOf.NoPosition })[hook];
        return (Source.Head is { } head ? kept.select(1, head) : kept).select(1, position).squeeze(0); // [hidden] or [head_dim]
    }

    private Tensor RunTarget(IReadOnlyList<Edit> edits, KeyValueCache? cache) =>
        Target.Model.Forward(
            Target.Prompt, new() { Edits = edits, Cache = cache, Logits = LogitsOf.LastPosition })
        .Logits.reshape(-1);

    private PatchChange Compare(Tensor unpatched, Tensor patched)
    {
        var before = Distributions.LogProbabilities(unpatched.unsqueeze(0));
        var after = Distributions.LogProbabilities(patched.unsqueeze(0));
        return new PatchChange(
            new NextTokenDistribution(unpatched, Target.Prompt.Tokenizer).Top(1)[0],
            new NextTokenDistribution(patched, Target.Prompt.Tokenizer).Top(1)[0],
            LargestChange(unpatched, patched),
            Distributions.TotalVariation(after, before).ToDouble(),
            Math.Max(0, Distributions.KullbackLeibler(after, before).ToDouble()));
    }

    // A token that is masked in both has not changed.
    private static double LargestChange(Tensor unpatched, Tensor patched) =>
        (patched - unpatched).masked_fill(patched.eq(unpatched), 0).abs().max().ToDouble();
}

/// <summary>How a mapping is run: whatever a user's function gives is checked before libtorch goes on with it.</summary>
internal static class MappingRun
{
    /// <summary>Maps residuals.</summary>
    /// <param name="mapping">The f.</param>
    /// <param name="residuals">Of the source model, <c>[source hidden]</c> or <c>[n, source hidden]</c>.</param>
    /// <param name="target">The target model.</param>
    /// <param name="width">What the target takes; where it is left out, a residual.</param>
    /// <returns>As many, <c>[..., target hidden]</c>, in the target's type and on its device.</returns>
    /// <exception cref="PatchException">The mapping gives something else, or libtorch refuses what it does.</exception>
    public static Tensor Run(this Mapping mapping, Tensor residuals, LanguageModel target, int? width = null)
    {
        var expected = width ?? target.HiddenSize;
        Tensor? mapped;
        try
        {
            mapped = mapping.Apply(residuals);
        }
        catch (Exception error) when (error is not LogitscopeException && TorchRuntime.ErrorOf(error) is { } refused and not TorchOutOfMemoryException)
        {
            throw new PatchException($"mapping '{mapping.Name}' of {TorchRuntime.Describe(residuals)}: {refused.Message}");
        }

        long[] shape = [.. residuals.shape[..^1], expected];
        if (mapped is null || mapped.IsInvalid || mapped.device_type == DeviceType.META || !mapped.is_floating_point() || !mapped.shape.AsSpan().SequenceEqual(shape))
        {
            throw new PatchException(
                $"mapping '{mapping.Name}': expected floating-point numbers [{string.Join(", ", shape)}] for the target, "
                + $"got {TorchRuntime.Describe(mapped)}"
                + (mapped is { IsInvalid: false, shape: [.., var got] } && got != expected
                    ? "; models of different width need a mapping between them"
                    : ""));
        }

        return mapped.to(target.Dtype, target.Device);
    }
}

/// <summary>Where a residual is taken from: the (M, S, l, i) of the Patchscopes paper, arXiv 2401.06102.</summary>
/// <param name="Model">The source model M.</param>
/// <param name="Prompt">The source prompt S.</param>
/// <param name="Layer">The 0-based block l.</param>
/// <param name="Position">The token i; <c>^1</c> is the last.</param>
/// <param name="Site">Where in the block: a site of one vector a token, or of one a token and head.</param>
public sealed record Source(LanguageModel Model, Prompt Prompt, int Layer, Index Position, Site Site = Site.ResidPost)
{
    /// <summary>The same, from a text.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="prompt">The text; a BOS is put in front.</param>
    /// <param name="layer">The 0-based block.</param>
    /// <param name="position">The token, BOS counted; <c>^1</c> is the last.</param>
    /// <param name="site">Where in the block.</param>
    public Source(LanguageModel model, string prompt, int layer, Index position, Site site = Site.ResidPost)
        : this(model, model.Encode(prompt), layer, position, site)
    {
    }

    /// <summary>The same, with a signed position: -1 is the last.</summary>
    /// <inheritdoc cref="Source(LanguageModel, string, int, Index, Site)"/>
    public Source(LanguageModel model, string prompt, int layer, int position, Site site = Site.ResidPost)
        : this(model, model.Encode(prompt), layer, Prompt.Signed(position), site)
    {
    }

    /// <summary>The same, with a signed position: -1 is the last.</summary>
    /// <inheritdoc cref="Source(LanguageModel, Prompt, int, Index, Site)"/>
    public Source(LanguageModel model, Prompt prompt, int layer, int position, Site site = Site.ResidPost)
        : this(model, prompt, layer, Prompt.Signed(position), site)
    {
    }

    /// <summary>The 0-based head, where the site is <see cref="Site.HeadOut"/>; then what is read is <c>[head_dim]</c>.</summary>
    public int? Head { get; init; }
}

/// <summary>Where a residual is put: the (M*, T, l*, i*) of the Patchscopes paper, arXiv 2401.06102.</summary>
/// <param name="Model">The target model M*.</param>
/// <param name="Prompt">The target prompt T.</param>
/// <param name="Layer">The 0-based block l*.</param>
/// <param name="Position">The token i*; <c>^1</c> is the last.</param>
/// <param name="Site">Where in the block: a site of one vector a token, or of one a token and head.</param>
public sealed record Target(LanguageModel Model, Prompt Prompt, int Layer, Index Position, Site Site = Site.ResidPost)
{
    /// <summary>The same, from a text.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="prompt">The text; a BOS is put in front.</param>
    /// <param name="layer">The 0-based block.</param>
    /// <param name="position">The token, BOS counted; <c>^1</c> is the last.</param>
    /// <param name="site">Where in the block.</param>
    public Target(LanguageModel model, string prompt, int layer, Index position, Site site = Site.ResidPost)
        : this(model, model.Encode(prompt), layer, position, site)
    {
    }

    /// <summary>The same, with a signed position: -1 is the last.</summary>
    /// <inheritdoc cref="Target(LanguageModel, string, int, Index, Site)"/>
    public Target(LanguageModel model, string prompt, int layer, int position, Site site = Site.ResidPost)
        : this(model, model.Encode(prompt), layer, Prompt.Signed(position), site)
    {
    }

    /// <summary>The same, with a signed position: -1 is the last.</summary>
    /// <inheritdoc cref="Target(LanguageModel, Prompt, int, Index, Site)"/>
    public Target(LanguageModel model, Prompt prompt, int layer, int position, Site site = Site.ResidPost)
        : this(model, prompt, layer, Prompt.Signed(position), site)
    {
    }

    /// <summary>How many tokens to generate after the prompt. Default: none.</summary>
    public int MaxNewTokens { get; init; }

    /// <summary>The 0-based head, where the site is <see cref="Site.HeadOut"/>; then what is put is <c>[head_dim]</c>.</summary>
    public int? Head { get; init; }
}

/// <summary>Whether source and target name a head where there are heads, and only there.</summary>
internal static class HeadOf
{
    /// <summary>How wide a vector is there, and which heads an edit of it names.</summary>
    /// <exception cref="LogitscopeException">There is no one vector a token.</exception>
    public static (int Width, int[]? Heads) Check(LanguageModel model, Hook hook, int? head)
    {
        model.CheckHook(hook);
        return (hook.Site, head) switch
        {
            (Site.HeadOut, { } one) when one >= 0 && one < model.Heads => (model.HeadSize, [one]),
            (Site.HeadOut, _) => throw new PatchException($"{hook}: expected a head in 0..{model.Heads - 1}, got {(head is { } other ? $"{other}" : "none")}"),
            (Site.Scores or Site.Pattern, _) => throw new PatchException($"{hook}: expected a site of one vector a token, which is no edge of attention"),
            (Site.ResidPre or Site.AttnOut or Site.ResidMid or Site.MlpOut or Site.ResidPost, null) => (model.HiddenSize, null),
            (Site.ResidPre or Site.AttnOut or Site.ResidMid or Site.MlpOut or Site.ResidPost, _) =>
                throw new PatchException($"{hook}: expected no head, which only site {Site.HeadOut.Name()} has, got {head}"),
            _ => throw Sites.Unknown(hook.Site),
        };
    }
}

/// <summary>A residual does not fit where it is to go.</summary>
/// <param name="message">What, expected, got.</param>
public sealed class PatchException(string message) : LogitscopeException(message);
