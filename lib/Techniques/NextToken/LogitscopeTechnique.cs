using Logitscope.Models;
using Logitscope.Tokenizers;

namespace Logitscope.Techniques.NextToken;

/// <summary>
/// Logitscope: <c>l* = l</c>, at the last token of the bare prompt "?", so that the rest of the model decodes the
/// residual with next to no context. patrickhyw/logitscope, 2026.
/// </summary>
public sealed record LogitscopeTechnique : NextTokenTechnique
{
    /// <summary>The target prompt; its last token is replaced. With its BOS it is two tokens.</summary>
    public TargetPrompt Target { get; init; } = new("?");

    /// <inheritdoc/>
    public override string Name => "logitscope";

    /// <inheritdoc/>
    public override NextTokenTechnique WithBos(Bos bos) => this with { Target = Target.WithBos(bos) };

    /// <inheritdoc/>
    public override Reading ReadingOf(LanguageModel model, int layer) => new Reading.InPrompt(Target.For(model), layer);
}
