namespace Logitscope.Metrics;

/// <summary>How well one distribution (patched) foretells another (source): the reference's and the paper's metrics.</summary>
/// <remarks>
/// precision@1 and surprisal: patrickhyw/logitscope; surprisal_paper: Ghandeharioun et al., arXiv 2401.06102, section
/// 4.1, after Din et al., arXiv 2303.09435.
/// </remarks>
/// <param name="Target">argmax of the source distribution: the model's own prediction, not the true next token.</param>
/// <param name="Predicted">argmax of the patched distribution.</param>
/// <param name="Surprisal"><c>-ln p_patched(Target)</c>, in nats.</param>
/// <param name="SurprisalPaper"><c>-ln p_source(Predicted)</c>, in nats.</param>
/// <param name="Kl"><c>KL(p_source || p_patched)</c>, in nats.</param>
/// <param name="Rank">0-based rank of Target in the patched distribution.</param>
/// <param name="Margin">Lead of Predicted over the second token in the patched distribution, in nats.</param>
public readonly record struct NextTokenScore(
    int Target, int Predicted, double Surprisal, double SurprisalPaper, double Kl, int Rank, double Margin)
{
    /// <summary>1 if both distributions have the same most probable token, else 0.</summary>
    public int PrecisionAt1 => Predicted == Target ? 1 : 0;

    /// <summary><c>1 / (Rank + 1)</c>; its mean is the MRR.</summary>
    public double ReciprocalRank => 1.0 / (Rank + 1);
}
