namespace Logitscope;

/// <summary>
/// Scores many distributions against the few that they are to foretell. What depends on the latter alone is computed
/// once, and none of the former is kept.
/// </summary>
public sealed class NextTokenScorer : IDisposable
{
    private readonly Tensor _logProbabilities; // [n, vocab]
    private readonly Tensor _probabilities; // [n, vocab]
    private readonly Tensor _negativeEntropy; // [n]
    private readonly Tensor _top; // [n]

    /// <summary>Takes the distributions to be foretold.</summary>
    /// <param name="source">Logits <c>[n, vocab]</c> of the model's own run.</param>
    /// <exception cref="NonFiniteException">Logits that are no distribution.</exception>
    public NextTokenScorer(Tensor source)
    {
        using var scope = NewDisposeScope();
        Distributions.RequireFinite(source.amax([-1]));
        _top = Distributions.Top1(source).DetachFromDisposeScope();
        _logProbabilities = Distributions.LogProbabilities(source).DetachFromDisposeScope();
        _probabilities = _logProbabilities.exp().DetachFromDisposeScope();
        _negativeEntropy = (-Distributions.Entropy(_logProbabilities)).DetachFromDisposeScope();
    }

    /// <summary>Scores distributions.</summary>
    /// <param name="patched">Logits <c>[rows, vocab]</c>.</param>
    /// <param name="sources">Which of the source distributions each row is to foretell.</param>
    /// <returns>One score a row.</returns>
    /// <exception cref="TorchException">The vocabularies differ.</exception>
    /// <exception cref="NonFiniteException">Logits that are no distribution.</exception>
    public IReadOnlyList<NextTokenScore> Score(Tensor patched, IReadOnlyList<int> sources)
    {
        if (patched.shape is not [_, var vocabulary] || vocabulary != _logProbabilities.size(-1))
        {
            throw new TorchException(
                $"logits: expected [rows, {_logProbabilities.size(-1)}], as the source has, got {TorchRuntime.Describe(patched)}");
        }

        using var scope = NewDisposeScope();
        patched = Distributions.Widen(patched.to(_top.device)); // the target may be a model on another device
        var predicted = Distributions.Top1(patched);
        var margins = Doubles(Distributions.Margin(patched, predicted));
        var numbers = tensor([.. sources.Select(n => (long)n)], device: patched.device);
        var target = _top.index_select(0, numbers);
        var normalizer = patched.logsumexp(-1); // [rows]
        var surprisal = normalizer - At(patched, target);
        var paper = -_logProbabilities.reshape(-1).index_select(0, (numbers * _logProbabilities.size(1)) + predicted);
        var cross = Distributions.Expectation(_probabilities.index_select(0, numbers), patched);
        var divergence = _negativeEntropy.index_select(0, numbers) - cross + normalizer;
        var (targets, predictions) = (Longs(target), Longs(predicted));
        var ranks = Longs(Distributions.Rank(patched, target));
        var (surprisals, papers, divergences) = (Doubles(surprisal), Doubles(paper), Doubles(divergence));
        return
        [
            .. Enumerable.Range(0, targets.Length).Select(i => new NextTokenScore(
                (int)targets[i], (int)predictions[i], surprisals[i], papers[i], Math.Max(0, divergences[i]),
                (int)ranks[i], margins[i])),
        ];
    }

    /// <summary>Frees what was computed once.</summary>
    public void Dispose()
    {
        _logProbabilities.Dispose();
        _probabilities.Dispose();
        _negativeEntropy.Dispose();
        _top.Dispose();
    }

    private static Tensor At(Tensor values, Tensor tokens) => values.gather(1, tokens.unsqueeze(1)).squeeze(1);

    private static long[] Longs(Tensor tensor) => tensor.cpu().data<long>().ToArray();

    private static double[] Doubles(Tensor tensor) => tensor.to(float64, CPU).data<double>().ToArray();
}

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
