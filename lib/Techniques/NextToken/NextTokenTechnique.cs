using Logitscope.Models;
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
