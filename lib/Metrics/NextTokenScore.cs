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

    /// <summary>Compares distributions row by row.</summary>
    /// <param name="source">Logits <c>[n, vocab]</c> of the model's own run.</param>
    /// <param name="patched">Logits <c>[n, vocab]</c> of what is to foretell it.</param>
    /// <returns>One score a row.</returns>
    /// <exception cref="TorchShapeException">The shapes differ.</exception>
    public static IReadOnlyList<NextTokenScore> Compare(Tensor source, Tensor patched)
    {
        using var scope = NewDisposeScope();
        var (target, predicted) = (Distributions.Top1(source), Distributions.Top1(patched));
        var (p, q) = (Distributions.LogProbabilities(source), Distributions.LogProbabilities(patched));
        var targets = target.data<long>().ToArray();
        var predictions = predicted.data<long>().ToArray();
        var surprisals = Doubles(Distributions.Surprisal(q, target));
        var paper = Doubles(Distributions.Surprisal(p, predicted));
        var divergences = Doubles(Distributions.KullbackLeibler(p, q));
        var ranks = Distributions.Rank(patched, target).data<long>().ToArray();
        var margins = Doubles(Distributions.Margin(patched));
        return
        [
            .. Enumerable.Range(0, targets.Length).Select(i => new NextTokenScore(
                (int)targets[i], (int)predictions[i], surprisals[i], paper[i], Math.Max(0, divergences[i]),
                (int)ranks[i], margins[i])),
        ];
    }

    private static double[] Doubles(Tensor tensor) => tensor.to(float64).data<double>().ToArray();
}
