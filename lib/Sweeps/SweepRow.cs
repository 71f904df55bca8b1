using System.Text.Json.Serialization;
using Logitscope.Metrics;

namespace Logitscope.Sweeps;

/// <summary>One cell of a sweep: one method read one layer's residual of one prompt. A line of <c>rows.jsonl</c>.</summary>
/// <param name="Method">The technique's name.</param>
/// <param name="Layer">The 0-based source layer; the residual is its resid_post.</param>
/// <param name="Prompt">The 0-based number of the prompt among those that ran.</param>
/// <param name="Position">The 0-based source position, BOS counted.</param>
/// <param name="Target">The model's own prediction there: argmax of its own distribution.</param>
/// <param name="Predicted">argmax of the distribution that the method read.</param>
/// <param name="PrecisionAt1">1 if they are the same token, else 0.</param>
/// <param name="Surprisal"><c>-ln p_patched(target)</c>, in nats: the reference's.</param>
/// <param name="SurprisalPaper"><c>-ln p_source(predicted)</c>, in nats: the paper's.</param>
/// <param name="Kl"><c>KL(p_source || p_patched)</c>, in nats.</param>
/// <param name="Rank">0-based rank of target in the method's distribution.</param>
/// <param name="Margin">Lead of predicted over the second token there, in nats.</param>
public sealed record SweepRow(
    string Method,
    int Layer,
    int Prompt,
    int Position,
    int Target,
    int Predicted,
    [property: JsonPropertyName("precision_at_1")] int PrecisionAt1,
    double Surprisal,
    double SurprisalPaper,
    double Kl,
    int Rank,
    double Margin)
{
    /// <summary>A cell with its score.</summary>
    /// <param name="method">The technique's name.</param>
    /// <param name="layer">The source layer.</param>
    /// <param name="prompt">The prompt's number.</param>
    /// <param name="position">The source position.</param>
    /// <param name="score">The score.</param>
    /// <remarks>Not public, or System.Text.Json cannot tell which constructor reads a line.</remarks>
    internal SweepRow(string method, int layer, int prompt, int position, NextTokenScore score)
        : this(
            method, layer, prompt, position, score.Target, score.Predicted, score.PrecisionAt1, score.Surprisal,
            score.SurprisalPaper, score.Kl, score.Rank, score.Margin)
    {
    }
}
