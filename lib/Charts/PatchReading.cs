namespace Logitscope.Charts;

/// <summary>What a patched run says, for one source layer and one target layer.</summary>
/// <param name="SourceLayer">The 0-based block whose output was taken.</param>
/// <param name="TargetLayer">The 0-based block whose output was replaced.</param>
/// <param name="Prediction">What the patched run predicts.</param>
/// <param name="Value">What the colour shows, where that is not the probability of the top token.</param>
public sealed record PatchReading(int SourceLayer, int TargetLayer, Prediction Prediction, double? Value = null)
    : IReading;
