using Logitscope.Models;

namespace Logitscope.Techniques.NextToken;

/// <summary>
/// The logit lens as the reference runs it: the residual replaces the last block's output of the source's own run.
/// The same numbers as <see cref="LogitLens"/>, at the price of a forward pass.
/// </summary>
public sealed record LogitLensPatchscope : NextTokenTechnique
{
    /// <inheritdoc/>
    public override string Name => "logit-lens-patchscope";

    /// <inheritdoc/>
    public override Reading ReadingOf(LanguageModel model, int layer) => new Reading.InSource(model.Layers - 1);
}
