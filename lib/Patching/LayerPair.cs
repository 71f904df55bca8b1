namespace Logitscope.Patching;

/// <summary>One cell of a <see cref="PatchGrid"/>.</summary>
/// <param name="SourceLayer">The 0-based block that the residual came from.</param>
/// <param name="TargetLayer">The 0-based block where it was put.</param>
/// <param name="Top">The most probable tokens after the target prompt, most probable first.</param>
/// <param name="Entropy">Of the whole distribution, in nats.</param>
/// <param name="GeneratedIds">The greedy continuation; empty where none was asked for.</param>
/// <param name="GeneratedText">The same in words.</param>
public sealed record LayerPair(
    int SourceLayer,
    int TargetLayer,
    IReadOnlyList<TokenProbability> Top,
    double Entropy,
    IReadOnlyList<int> GeneratedIds,
    string GeneratedText);
