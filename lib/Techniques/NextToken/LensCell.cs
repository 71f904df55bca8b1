using Logitscope.Patching;

namespace Logitscope.Techniques.NextToken;

/// <summary>What a lens reads at one layer and position.</summary>
/// <param name="Layer">0-based block; its resid_post is read.</param>
/// <param name="Position">0-based, BOS counted.</param>
/// <param name="Top">The most probable tokens, most probable first.</param>
/// <param name="Entropy">Of the whole distribution, in nats.</param>
public sealed record LensCell(int Layer, int Position, IReadOnlyList<TokenProbability> Top, double Entropy);
