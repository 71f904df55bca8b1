using Logitscope.Sweeps;

namespace Logitscope.Cli.Evaluation;

/// <summary>What the layer sweep says in a few words: whether the methods rise, part and meet.</summary>
/// <param name="Data">The prompts.</param>
/// <param name="Summary">The sweep.</param>
internal sealed record MethodCurves(string Data, SweepSummary Summary)
{
    /// <summary>How many prompts.</summary>
    public int Prompts => Summary.Methods.First().Value.Prompts;

    /// <summary>Layers of the model.</summary>
    public int Layers => Summary.Methods.First().Value[SweepMetric.PrecisionAt1].Count;

    /// <summary>The last layer at which methods can differ.</summary>
    public int Last => Layers - 1 - Summary.IdenticalLayers.Count;

    /// <summary>Whether every method's precision@1 is higher at the last layer at which methods can differ than at the
    /// first one, by more than both intervals.</summary>
    public bool Rise => Summary.Methods.Values.All(
        curve => curve[SweepMetric.PrecisionAt1][Last].Low > curve[SweepMetric.PrecisionAt1][0].High);

    /// <summary>Whether all methods read the model's own distribution at the last layer.</summary>
    public bool Meet => Last < Layers - 1;

    /// <summary>For each pair of methods, the layers at which they part in precision@1.</summary>
    public IEnumerable<(string Pair, IReadOnlyList<int> Layers)> Apart => Summary.Differences.Select(difference =>
        ($"{difference.Method} and {difference.Against}",
            (IReadOnlyList<int>)[.. Enumerable.Range(0, Layers).Where(layer => difference.Parts(SweepMetric.PrecisionAt1, layer))]));
}
