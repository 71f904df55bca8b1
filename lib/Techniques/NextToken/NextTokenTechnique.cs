using Logitscope.Models;
using Logitscope.Patching;
using Logitscope.Tokenizers;

namespace Logitscope.Techniques.NextToken;

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
    public static LogitLensPatchscope LogitLensPatchscope { get; } = new();

    /// <summary>The reference's three, in its order.</summary>
    public static IReadOnlyList<NextTokenTechnique> Reference { get; } = [LogitLens, TokenIdentity, Logitscope];

    /// <summary>All that have a name.</summary>
    public static IReadOnlyList<NextTokenTechnique> All { get; } = [.. Reference, LogitLensPatchscope];

    /// <summary>What it is called in results and on the command line.</summary>
    public abstract string Name { get; }

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

    /// <summary>The technique of a name.</summary>
    /// <param name="name">For example <c>logit-lens</c>.</param>
    /// <returns>The technique with its default prompt.</returns>
    /// <exception cref="LogitscopeException">There is none of that name.</exception>
    public static NextTokenTechnique Named(string name) =>
        All.FirstOrDefault(technique => technique.Name == name)
        ?? throw new LogitscopeException(
            $"method: expected one of {string.Join(", ", All.Select(technique => technique.Name))}, got '{name}'");
}

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

/// <summary>A target prompt of its own, patched at its last token: a text, or ids chosen by hand.</summary>
/// <param name="Text">The text.</param>
public sealed record TargetPrompt(string Text)
{
    /// <summary>Ids to take instead of the text, as they are: no BOS is added.</summary>
    public IReadOnlyList<int>? Ids { get; init; }

    /// <summary>
    /// Whether a BOS stands before the text. Where it is left out, as before the source prompts; the reference always
    /// puts one.
    /// </summary>
    public Bos? Bos { get; init; }

    /// <summary>The prompt as a model sees it.</summary>
    /// <param name="model">The target model.</param>
    /// <returns>Its ids and its token table.</returns>
    /// <exception cref="LogitscopeException">It has no tokens, or cannot be encoded.</exception>
    public Prompt For(LanguageModel model)
    {
        var prompt = Ids is null ? model.Encode(Text, Bos ?? Tokenizers.Bos.Always) : model.FromIds(Ids);
        return prompt.Count > 0 ? prompt : throw new LogitscopeException("a target prompt: expected tokens, got none");
    }

    /// <summary>The same, with the BOS of the source prompts where this one does not say.</summary>
    internal TargetPrompt WithBos(Bos bos) => this with { Bos = Bos ?? bos };
}
