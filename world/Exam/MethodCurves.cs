using Logitscope.Sweeps;

namespace Logitscope.World;

/// <summary>What the layer sweep says in a few words: whether the methods rise, part and meet.</summary>
/// <param name="Data">The prompts.</param>
/// <param name="Summary">The sweep.</param>
internal sealed record MethodCurves(string Data, SweepSummary Summary)
{
    /// <summary>How many prompts.</summary>
    public int Prompts => Summary.Methods.First().Value.Prompts;

    /// <summary>Layers of the model.</summary>
    public int Layers => Summary.Methods.First().Value.PrecisionAt1.Count;

    /// <summary>Whether every method's precision@1 is above its first layer's at the last, by more than both
    /// intervals.</summary>
    public bool Rise => Summary.Methods.Values.All(curve => curve.PrecisionAt1Low[^1] > curve.PrecisionAt1High[0]);

    /// <summary>Whether all methods have the same precision@1 at the last layer.</summary>
    public bool Meet => Summary.Methods.Values.Select(curve => curve.PrecisionAt1[^1]).Distinct().Count() == 1;

    /// <summary>For each pair of methods, the layers at which the interval of their difference in precision@1 leaves
    /// out zero.</summary>
    public IEnumerable<(string Pair, IReadOnlyList<int> Layers)> Apart => Summary.Differences.Select(difference =>
        ($"{difference.Method} and {difference.Against}",
            (IReadOnlyList<int>)[.. Enumerable.Range(0, Layers).Where(layer =>
                difference.PrecisionAt1Low[layer] > 0 || difference.PrecisionAt1High[layer] < 0)]));
}
