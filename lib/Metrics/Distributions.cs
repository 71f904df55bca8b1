namespace Logitscope.Metrics;

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
    /// <returns><c>[n]</c>, in nats; rounding may leave it a little below zero.</returns>
    public static Tensor KullbackLeibler(Tensor p, Tensor q) => (p.exp() * (p - q)).sum([-1]);

    /// <summary>The total variation <c>sum |p - q| / 2</c>.</summary>
    /// <param name="p">Log-probabilities <c>[n, vocab]</c>.</param>
    /// <param name="q">Log-probabilities <c>[n, vocab]</c>.</param>
    /// <returns><c>[n]</c>, from 0 to 1.</returns>
    public static Tensor TotalVariation(Tensor p, Tensor q) => (p.exp() - q.exp()).abs().sum([-1]) / 2;

    /// <summary>The entropy <c>-sum p ln p</c>.</summary>
    /// <param name="logProbabilities"><c>[..., vocab]</c>.</param>
    /// <returns><c>[...]</c>, in nats.</returns>
    public static Tensor Entropy(Tensor logProbabilities) =>
        -(logProbabilities.exp() * logProbabilities).sum([-1]);

    /// <summary>How far the most probable token leads the second: a small lead may flip in low precision.</summary>
    /// <param name="logits"><c>[n, vocab]</c>.</param>
    /// <returns><c>[n]</c>, in nats.</returns>
    public static Tensor Margin(Tensor logits) => Margin(Widen(logits), Top1(logits));

    /// <summary>The same, where the most probable token is known: the largest of the others is found faster than two of all.</summary>
    internal static Tensor Margin(Tensor wide, Tensor top1)
    {
        var index = top1.unsqueeze(-1);
        var top = wide.gather(-1, index);
        var others = wide.scatter(-1, index, full_like(top, double.NegativeInfinity));
        return top.squeeze(-1) - others.amax([-1]);
    }
}
