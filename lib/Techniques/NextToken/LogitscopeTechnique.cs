using System.Diagnostics.CodeAnalysis;

namespace Logitscope;

/// <summary>
/// Logitscope: <c>l* = l</c>, at the last token of the bare prompt "?", so that the rest of the model decodes the
/// residual with next to no context. patrickhyw/logitscope, 2026. The "?" itself counts for nothing: it is overwritten, and
/// nothing sees what it was below. What counts is what stands before it, which the variants change.
/// </summary>
public sealed record LogitscopeTechnique : PromptTechnique
{
    /// <summary>The technique with the reference's prompt; with its BOS it is two tokens.</summary>
    [SetsRequiredMembers]
    public LogitscopeTechnique()
        : this("logitscope")
    {
    }

    [SetsRequiredMembers]
    private LogitscopeTechnique(string name)
        : base(name) => Target = new("?");

    /// <summary>Without a BOS: the patched token sees itself alone.</summary>
    public static LogitscopeTechnique WithoutBos { get; } = new("logitscope-no-bos") { Target = new("?") { Bos = Bos.Never } };

    /// <summary>With padding tokens before it, four unless <c>Target</c> says otherwise.</summary>
    public static LogitscopeTechnique Padded { get; } = new("logitscope-padded") { Target = new("?") { Padding = 4 } };
}

/// <summary>
/// The padded single-token prompt of Ghandeharioun et al., arXiv 2401.06102, appendix B.3: <c>[PAD] ... [PAD] ?</c> with
/// <c>i* = i</c>, so that the residual keeps the position that it came from.
/// </summary>
public sealed record InPlacePrompt : NextTokenTechnique
{
    /// <summary>The prompt without padding; its last token is replaced.</summary>
    public TargetPrompt Target { get; init; } = new("?");

    /// <inheritdoc/>
    public override string Name => "logitscope-in-place";

    /// <inheritdoc/>
    public override NextTokenTechnique WithBos(Bos bos) => this with { Target = Target.WithBos(bos) };

    /// <inheritdoc/>
    public override Reading ReadingOf(LanguageModel model, int layer) =>
        new Reading.InPlace(Target.For(model), TargetPrompt.PaddingOf(model), layer);
}
