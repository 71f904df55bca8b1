namespace Logitscope.Charts;

/// <summary>What is read from one residual of a text.</summary>
/// <param name="Layer">The 0-based block whose output (resid_post) was read.</param>
/// <param name="Position">The 0-based position in the text, BOS counted.</param>
/// <param name="Prediction">What the residual predicts.</param>
/// <param name="Value">What the colour shows, where that is not the probability of the top token.</param>
public sealed record TokenReading(int Layer, int Position, Prediction Prediction, double? Value = null) : IReading;
