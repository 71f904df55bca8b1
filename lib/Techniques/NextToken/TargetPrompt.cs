using Logitscope.Models;
using Logitscope.Tokenizers;

namespace Logitscope.Techniques.NextToken;

/// <summary>A target prompt of its own, patched at its last token: a text, or ids chosen by hand.</summary>
/// <param name="Text">The text; a BOS is put in front.</param>
public sealed record TargetPrompt(string Text)
{
    /// <summary>Ids to take instead of the text, as they are: no BOS is added.</summary>
    public IReadOnlyList<int>? Ids { get; init; }

    /// <summary>Whether a BOS stands before the text. The reference always puts one.</summary>
    public Bos Bos { get; init; } = Bos.Always;

    /// <summary>The prompt as a model sees it.</summary>
    /// <param name="model">The target model.</param>
    /// <returns>Its ids and its token table.</returns>
    /// <exception cref="LogitscopeException">It has no tokens, or cannot be encoded.</exception>
    public Prompt For(LanguageModel model)
    {
        var prompt = Ids is null ? model.Encode(Text, Bos) : model.FromIds(Ids);
        return prompt.Count > 0 ? prompt : throw new LogitscopeException("a target prompt: expected tokens, got none");
    }
}
