using static TorchSharp.torch;

namespace Logitscope.Tests.Metrics;

/// <summary>The truth for <see cref="NextTokenScorer"/>: every metric by its definition, in plain .NET numbers.</summary>
internal static class NaiveScore
{
    /// <summary>Row by row.</summary>
    public static NextTokenScore[] Compare(Tensor source, Tensor patched) =>
    [
        .. Enumerable.Range(0, (int)source.size(0)).Select(row => Compare(Logits(source, row), Logits(patched, row))),
    ];

    private static NextTokenScore Compare(double[] source, double[] patched)
    {
        var (p, q) = (LogProbabilities(source), LogProbabilities(patched));
        var (target, predicted) = (Array.IndexOf(p, p.Max()), Array.IndexOf(q, q.Max()));
        var second = q.Where((_, id) => id != predicted).Max();
        return new NextTokenScore(
            target,
            predicted,
            -q[target],
            -p[predicted],
            Math.Max(0, p.Zip(q, (a, b) => Math.Exp(a) * (a - b)).Sum()),
            q.Where((logProbability, id) => logProbability > q[target] || (logProbability == q[target] && id < target)).Count(),
            q[predicted] - second);
    }

    private static double[] Logits(Tensor logits, int row) => logits.select(0, row).to(float64).data<double>().ToArray();

    private static double[] LogProbabilities(double[] logits)
    {
        var largest = logits.Max();
        var normalizer = largest + Math.Log(logits.Sum(logit => Math.Exp(logit - largest)));
        return [.. logits.Select(logit => logit - normalizer)];
    }
}
