namespace Logitscope.Charts;

/// <summary>A metric as a chart names it.</summary>
/// <param name="Key">Its column in a CSV file, with the unit.</param>
/// <param name="Name">Its name in a sentence.</param>
/// <param name="Axis">Its name and unit along the axis.</param>
/// <param name="Title">What a chart of it shows.</param>
/// <param name="Max">The largest value that it can take; null where it has no bound. The smallest is 0.</param>
public sealed record LayerMetric(string Key, string Name, string Axis, string Title, double? Max = null)
{
    /// <summary>The share of prompts whose top token after patching is the model's own next token.</summary>
    public static LayerMetric PrecisionAt1 { get; } = new("precision_at_1", "precision@1",
        "precision@1 (share of prompts)", "How often one residual gives away the model's next token", 1);

    /// <summary>-ln p_patched(argmax p_source), in nats: the direction of the logitscope reference.</summary>
    public static LayerMetric Surprisal { get; } = new("surprisal_nats", "surprisal", "surprisal (nats)",
        "Surprisal of the model's next token, read from one residual");

    /// <summary>-ln p_source(argmax p_patched), in nats: the direction of the Patchscopes paper, section 4.1.</summary>
    public static LayerMetric SurprisalPaper { get; } = new("surprisal_paper_nats", "surprisal (paper)",
        "surprisal, paper's direction (nats)", "Surprisal in the paper's direction");

    /// <summary>KL(p_source || p_patched), in nats.</summary>
    public static LayerMetric Kl { get; } = new("kl_nats", "KL", "KL(source || patched) (nats)",
        "Divergence of the reading from the model's own distribution");

    /// <summary>The mean of 1 / (rank + 1) of the model's own next token.</summary>
    public static LayerMetric Mrr { get; } = new("mrr", "MRR", "mean reciprocal rank",
        "Reciprocal rank of the model's next token, read from one residual", 1);
}
