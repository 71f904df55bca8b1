namespace Logitscope;

/// <summary>A technique whose target is a prompt of its own: <c>T</c>, patched at its placeholder and read after its last token.</summary>
/// <param name="Name">What it is called in results.</param>
public record PromptTechnique(string Name) : NextTokenTechnique
{
    /// <inheritdoc/>
    public override string Name { get; } = Name;

    /// <summary>The target prompt T.</summary>
    public required TargetPrompt Target { get; init; }

    /// <summary>The target layer l* of a source layer l. Default: l itself.</summary>
    public Func<int, int> TargetLayer { get; init; } = layer => layer;

    /// <summary>The mapping f. Default: the identity.</summary>
    public Mapping Mapping { get; init; } = Mapping.Identity;

    /// <inheritdoc/>
    public override NextTokenTechnique WithBos(Bos bos) => this with { Target = Target.WithBos(bos) };

    /// <inheritdoc/>
    public override Reading ReadingOf(LanguageModel model, int layer)
    {
        var prompt = Target.For(model);
        return new Reading.InPrompt(prompt, TargetLayer(layer)) { Position = Target.PositionIn(prompt), Mapping = Mapping };
    }
}

/// <summary>A target prompt of its own: a text, or ids chosen by hand.</summary>
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

    /// <summary>How many padding tokens stand before the text, behind its BOS: the tokenizer's EOS, else its BOS. Default: none.</summary>
    public int Padding { get; init; }

    /// <summary>Letters of the token that is replaced, the last one that has them. Default: null, the last token.</summary>
    public string? Placeholder { get; init; }

    /// <summary>A text, patched at its last token.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator TargetPrompt(string text) => new(text);

    /// <summary>The prompt as a model sees it.</summary>
    /// <param name="model">The target model.</param>
    /// <returns>Its ids and its token table.</returns>
    /// <exception cref="LogitscopeException">It has no tokens, or cannot be encoded.</exception>
    public Prompt For(LanguageModel model)
    {
        var prompt = Ids is null ? model.Encode(Text, Bos ?? global::Logitscope.Bos.Always) : model.FromIds(Ids);
        if (prompt.Count == 0)
        {
            throw new LogitscopeException("a target prompt: expected tokens, got none");
        }

        var bos = prompt.HasBos ? 1 : 0;
        return Padding == 0 ? prompt
            : model.FromIds([.. prompt.Ids.Take(bos), .. Enumerable.Repeat(PaddingOf(model), Padding), .. prompt.Ids.Skip(bos)]);
    }

    /// <summary>The token that is replaced.</summary>
    /// <param name="prompt">The prompt as the model sees it.</param>
    /// <returns>Its position.</returns>
    /// <exception cref="LogitscopeException">No token has the placeholder's letters.</exception>
    public Index PositionIn(Prompt prompt) => Placeholder is null ? ^1
        : prompt.Tokens.Where(token => token.Text.Contains(Placeholder, StringComparison.Ordinal)).Select(token => (Index?)token.Position).LastOrDefault()
            ?? throw new LogitscopeException($"a target prompt: expected a token with '{Placeholder}', got {prompt}");

    /// <summary>The same, with the BOS of the source prompts where this one does not say.</summary>
    internal TargetPrompt WithBos(Bos bos) => this with { Bos = Bos ?? bos };

    /// <summary>The id that pads.</summary>
    internal static int PaddingOf(LanguageModel model) => model.Tokenizer.EosId ?? model.Tokenizer.BosId
        ?? throw new LogitscopeException("a padded target prompt: expected a tokenizer with an EOS or a BOS, got one without");
}
