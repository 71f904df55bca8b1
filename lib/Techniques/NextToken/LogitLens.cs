namespace Logitscope;

/// <summary>
/// The logit lens: <c>softmax(W_U ln_f(h_l))</c>. nostalgebraist, "interpreting GPT: the logit lens", 2020.
/// </summary>
public sealed record LogitLens : NextTokenTechnique
{
    /// <inheritdoc/>
    public override string Name => "logit-lens";

    /// <inheritdoc/>
    public override Reading ReadingOf(LanguageModel model, int layer) => new Reading.Direct();
}
