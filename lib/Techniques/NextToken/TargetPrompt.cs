using Logitscope.Models;
using Logitscope.Tokenizers;

namespace Logitscope.Techniques.NextToken;

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
