namespace Logitscope;

/// <summary>
/// Next-token distributions from logits. All work in the logits' type, and at least in float32; all results are on the
/// logits' device.
/// </summary>
public static class Distributions
{
    /// <summary>Logits in a type that a sum over the vocabulary does not hurt.</summary>
    /// <param name="logits"><c>[..., vocab]</c>.</param>
    /// <returns>float64 stays, everything else becomes float32.</returns>
    public static Tensor Widen(Tensor logits) => logits.dtype == float64 ? logits : logits.to(float32);

    /// <summary>Natural logarithms of the probabilities.</summary>
    /// <param name="logits"><c>[..., vocab]</c>.</param>
    /// <returns>The same shape, in nats.</returns>
    public static Tensor LogProbabilities(Tensor logits) => nn.functional.log_softmax(Widen(logits), dim: -1);

    /// <summary>The most probable token; the lowest id of equals.</summary>
    /// <param name="logits"><c>[..., vocab]</c>.</param>
    /// <returns>Int64 <c>[...]</c>.</returns>
    public static Tensor Top1(Tensor logits) => logits.argmax(-1);

    /// <summary>The surprisal of tokens, <c>-ln p(token)</c>.</summary>
    /// <param name="logProbabilities"><c>[n, vocab]</c>.</param>
    /// <param name="tokens">Int64 <c>[n]</c>.</param>
    /// <returns><c>[n]</c>, in nats.</returns>
    public static Tensor Surprisal(Tensor logProbabilities, Tensor tokens) =>
        -logProbabilities.gather(1, tokens.unsqueeze(1)).squeeze(1);

    /// <summary>How many tokens are more probable; of equally probable ones, those with a lower id count.</summary>
    /// <param name="logits"><c>[n, vocab]</c>.</param>
    /// <param name="tokens">Int64 <c>[n]</c>.</param>
    /// <returns>Int64 <c>[n]</c>; 0 for the most probable.</returns>
    public static Tensor Rank(Tensor logits, Tensor tokens)
    {
        var own = logits.gather(1, tokens.unsqueeze(1)); // [n, 1]
        var ids = arange(0, logits.size(1), 1, device: logits.device).unsqueeze(0); // [1, vocab]
        var before = logits.eq(own).logical_and_(ids.lt(tokens.unsqueeze(1)));
        return logits.gt(own).logical_or_(before).sum([1]);
    }

    /// <summary>The divergence <c>KL(p || q) = sum p ln(p / q)</c>.</summary>
    /// <param name="p">Log-probabilities <c>[n, vocab]</c>.</param>
    /// <param name="q">Log-probabilities <c>[n, vocab]</c>.</param>
    /// <returns><c>[n]</c>, in nats; infinite where q rules out what p does not; rounding may leave it a little below zero.</returns>
    public static Tensor KullbackLeibler(Tensor p, Tensor q) => Expectation(p.exp(), p - q);

    /// <summary>The total variation <c>sum |p - q| / 2</c>.</summary>
    /// <param name="p">Log-probabilities <c>[n, vocab]</c>.</param>
    /// <param name="q">Log-probabilities <c>[n, vocab]</c>.</param>
    /// <returns><c>[n]</c>, from 0 to 1.</returns>
    public static Tensor TotalVariation(Tensor p, Tensor q) => (p.exp() - q.exp()).abs().sum([-1]) / 2;

    /// <summary>The entropy <c>-sum p ln p</c>.</summary>
    /// <param name="logProbabilities"><c>[..., vocab]</c>.</param>
    /// <returns><c>[...]</c>, in nats.</returns>
    public static Tensor Entropy(Tensor logProbabilities) => -Expectation(logProbabilities.exp(), logProbabilities);

    /// <summary>The mean <c>sum p x</c>; a term with p = 0 counts 0, whatever x is.</summary>
    /// <param name="probabilities"><c>[..., vocab]</c>.</param>
    /// <param name="values"><c>[..., vocab]</c>; minus infinity where a token is masked.</param>
    /// <returns><c>[...]</c>.</returns>
    internal static Tensor Expectation(Tensor probabilities, Tensor values)
    {
        using var products = probabilities * values;
        var sum = products.sum([-1]);
        if (!sum.isnan().any().item<bool>()) // masks are rare, and looking for them costs another pass over the vocabulary
        {
            return sum;
        }

        sum.Dispose();
        return products.masked_fill_(probabilities.eq(0), 0).sum([-1]);
    }

    /// <summary>How far the most probable token leads the second: a small lead may flip in low precision.</summary>
    /// <param name="logits"><c>[n, vocab]</c>.</param>
    /// <returns><c>[n]</c>, in nats.</returns>
    /// <exception cref="NonFiniteException">Logits that are no distribution.</exception>
    public static Tensor Margin(Tensor logits) => Margin(Widen(logits), Top1(logits));

    /// <summary>The same, where the most probable token is known: the largest of the others is found faster than two of all.</summary>
    internal static Tensor Margin(Tensor wide, Tensor top1)
    {
        var index = top1.unsqueeze(-1);
        var top = wide.gather(-1, index);
        RequireFinite(top.squeeze(-1));
        var others = wide.scatter(-1, index, full_like(top, double.NegativeInfinity));
        return top.squeeze(-1) - others.amax([-1]);
    }

    /// <summary>
    /// Refuses logits that are no distribution: one of them NaN or infinite, or all of them minus infinity. One or some of
    /// minus infinity are a mask.
    /// </summary>
    /// <param name="largest">The largest logit of each distribution, <c>[n]</c>: NaN where one of them is.</param>
    /// <exception cref="NonFiniteException">The first of them.</exception>
    internal static void RequireFinite(Tensor largest)
    {
        using var scope = NewDisposeScope();
        if (!largest.isfinite().all().item<bool>())
        {
            var values = largest.to(float64, CPU).data<double>().ToArray();
            var row = Array.FindIndex(values, value => !double.IsFinite(value));
            throw new NonFiniteException(row, values[row]);
        }
    }
}

/// <summary>Logits that are no distribution. Whoever knows where they come from says so instead.</summary>
/// <param name="row">Which of the distributions at hand, 0-based.</param>
/// <param name="largest">Its largest logit: NaN or infinite.</param>
public sealed class NonFiniteException(int row, double largest)
    : LogitscopeException($"logits of row {row}: expected finite numbers, got {NonFiniteException.Named(largest)}")
{
    /// <summary>Which of the distributions at hand, 0-based.</summary>
    public int Row => row;

    /// <summary>The number, for a message.</summary>
    public string Number => Named(largest);

    private static string Named(double number) =>
        double.IsNaN(number) ? "NaN" : double.IsPositive(number) ? "infinity" : "minus infinity for every token";
}
