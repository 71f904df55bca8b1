using Logitscope.Models;
using Logitscope.Tokenizers;

namespace Logitscope.Patching;

/// <summary>Where a residual is put: the (M*, T, l*, i*) of the Patchscopes paper, arXiv 2401.06102.</summary>
/// <param name="Model">The target model M*.</param>
/// <param name="Prompt">The target prompt T.</param>
/// <param name="Layer">The 0-based block l*.</param>
/// <param name="Position">The token i*; <c>^1</c> is the last.</param>
/// <param name="Site">Output or input of the block.</param>
public sealed record Target(LanguageModel Model, Prompt Prompt, int Layer, Index Position, Site Site = Site.ResidPost)
{
    /// <summary>The same, from a text.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="prompt">The text; a BOS is put in front.</param>
    /// <param name="layer">The 0-based block.</param>
    /// <param name="position">The token, BOS counted; <c>^1</c> is the last.</param>
    /// <param name="site">Output or input of the block.</param>
    public Target(LanguageModel model, string prompt, int layer, Index position, Site site = Site.ResidPost)
        : this(model, model.Encode(prompt), layer, position, site)
    {
    }

    /// <summary>How many tokens to generate after the prompt. Default: none.</summary>
    public int MaxNewTokens { get; init; }
}
