namespace Logitscope.Charts;

/// <summary>What a model says at one place.</summary>
/// <param name="Top">The likeliest tokens, best first, at least one; the figures show the first five.</param>
/// <param name="Entropy">The entropy of the whole distribution, in nats.</param>
public sealed record Prediction(IReadOnlyList<Candidate> Top, double Entropy);
