using Logitscope.Metrics;

namespace Logitscope.World;

/// <summary>How well text was foretold. Means and intervals are over documents, each of which counts the
/// same.</summary>
/// <param name="Text">Which text.</param>
/// <param name="Predictor">By whom.</param>
/// <param name="Surprisal">Nats a token.</param>
/// <param name="Top1">The share of tokens that were held the most probable.</param>
/// <param name="Documents">How many documents.</param>
/// <param name="Tokens">How many tokens were foretold.</param>
internal sealed record TextScore(
    string Text, string Predictor, Interval Surprisal, Interval Top1, int Documents, int Tokens);
