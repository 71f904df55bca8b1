using Logitscope.Models;
using Logitscope.Tokenizers;

namespace Logitscope.Techniques.NextToken;

/// <summary>
/// The token-identity Patchscope: <c>l* = l</c>, at the last token of a prompt that repeats tokens. Ghandeharioun et
/// al., arXiv 2401.06102, section 4.1; the prompt is that of patrickhyw/logitscope.
/// </summary>
public sealed record TokenIdentity : NextTokenTechnique
{
    /// <summary>The target prompt; its last token is replaced.</summary>
    public TargetPrompt Target { get; init; } = new("cat -> cat\n1135 -> 1135\nhello -> hello\n?");

    /// <inheritdoc/>
    public override string Name => "token-identity";

    /// <inheritdoc/>
    public override NextTokenTechnique WithBos(Bos bos) => this with { Target = Target.WithBos(bos) };

    /// <inheritdoc/>
    public override Reading ReadingOf(LanguageModel model, int layer) => new Reading.InPrompt(Target.For(model), layer);
}
