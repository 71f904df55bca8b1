using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Logitscope;

/// <summary>
/// How much one method leads another, by layer, over pairs: the same residual read by both. Intervals and tests hold for
/// all comparisons of the sweep together (methods by methods, layers, metrics): in 19 of 20 sweeps every interval holds
/// the truth, and in 19 of 20 no method is said to part from another that it does not differ from.
/// </summary>
/// <param name="Method">The method that leads where the difference in precision@1 is above zero.</param>
/// <param name="Against">The method that it is compared with.</param>
[JsonConverter(typeof(FlatJson<SweepDifference>))]
public sealed record SweepDifference(string Method, string Against) : IFlatJson<SweepDifference>
{
    private const double Error = 0.05;

    private readonly Dictionary<string, IReadOnlyList<Interval>> _means = [];
    private readonly Dictionary<string, double[]> _adjusted = [];

    /// <summary>The mean differences in a metric.</summary>
    /// <param name="metric">The metric.</param>
    /// <returns>One a layer; exactly zero at a layer where methods are identical by construction.</returns>
    public IReadOnlyList<Interval> this[SweepMetric metric] => _means[metric.Key];

    /// <summary>The probability of differences like these if there were none, adjusted by Holm for all comparisons.</summary>
    /// <param name="metric">The metric.</param>
    /// <returns>One a layer.</returns>
    public IReadOnlyList<double> P(SweepMetric metric) => _adjusted[metric.Key];

    /// <summary>Whether the methods differ: P is at most 0.05.</summary>
    /// <param name="metric">In which metric.</param>
    /// <param name="layer">At which layer.</param>
    public bool Parts(SweepMetric metric, int layer) => P(metric)[layer] <= Error;

    /// <summary>Whether they differ, and <see cref="Method"/> is the better one.</summary>
    /// <param name="metric">In which metric.</param>
    /// <param name="layer">At which layer.</param>
    public bool Leads(SweepMetric metric, int layer) =>
        Parts(metric, layer) && this[metric][layer].Mean > 0 == metric.IsHigherBetter;

    /// <summary>Compares every method with every earlier one.</summary>
    /// <param name="methods">The rows of each method and layer, in one order of prompts and positions.</param>
    /// <param name="layers">How many layers, the first ones, are compared.</param>
    /// <param name="weak">Told where the prompts are few for an interval.</param>
    /// <returns>The differences, and how many comparisons they are together; none where positions are not paired.</returns>
    internal static (IReadOnlyList<SweepDifference> Differences, int Comparisons) Family(
        IReadOnlyList<SweepRow[][]> methods, int layers, Action<SweepDifference, SweepMetric, int> weak)
    {
        var pairs =
            (from b in Enumerable.Range(0, methods.Count)
             from a in Enumerable.Range(0, b)
             where ArePaired(methods[b], methods[a])
             let difference = new SweepDifference(methods[b][0][0].Method, methods[a][0][0].Method)
             select (B: methods[b], A: methods[a], Difference: difference)).ToArray();
        var comparisons =
            (from pair in pairs
             from metric in SweepMetric.All
             from layer in Enumerable.Range(0, layers)
             let sample = new Sample(
                 [.. pair.B[layer].Zip(pair.A[layer], (b, a) => metric.Of(b) - metric.Of(a))],
                 [.. pair.B[layer].Select(row => row.Prompt)])
             select (pair.Difference, Metric: metric, Layer: layer, Sample: sample))
            .ToArray();
        var adjusted = Holm([.. comparisons.Select(comparison => comparison.Metric.P(comparison.Sample))]);
        foreach (var pair in pairs)
        {
            foreach (var metric in SweepMetric.All)
            {
                pair.Difference._means[metric.Key] = new Interval[pair.B.Length];
                pair.Difference._adjusted[metric.Key] = [.. Enumerable.Repeat(1.0, pair.B.Length)];
            }
        }

        foreach (var (i, (difference, metric, layer, sample)) in comparisons.Index())
        {
            ((Interval[])difference._means[metric.Key])[layer] = metric.Difference(sample, Error / comparisons.Length);
            difference._adjusted[metric.Key][layer] = adjusted[i];
            if (!metric.IsShare && sample.IsSmall)
            {
                weak(difference, metric, layer);
            }
        }

        return ([.. pairs.Select(pair => pair.Difference)], comparisons.Length);
    }

    /// <summary>Probabilities adjusted so that all that stay at most e are, together, wrong with probability e.</summary>
    /// <remarks>Holm, Scandinavian Journal of Statistics 6 (1979).</remarks>
    internal static double[] Holm(IReadOnlyList<double> probabilities)
    {
        var adjusted = new double[probabilities.Count];
        var (highest, left) = (0.0, probabilities.Count);
        foreach (var (i, p) in probabilities.Index().OrderBy(entry => entry.Item))
        {
            adjusted[i] = highest = Math.Max(highest, Math.Min(1, left-- * p));
        }

        return adjusted;
    }

    private static bool ArePaired(SweepRow[][] method, SweepRow[][] against) =>
        method.Length == against.Length
        && method.Zip(against).All(layer => layer.First.Select(Place).SequenceEqual(layer.Second.Select(Place)));

    private static (int Prompt, int Position) Place(SweepRow row) => (row.Prompt, row.Position);

    static SweepDifference IFlatJson<SweepDifference>.Of(JsonObject json)
    {
        var difference = new SweepDifference(json.Take<string>("method"), json.Take<string>("against"));
        foreach (var metric in SweepMetric.All)
        {
            difference._means[metric.Key] = json.Intervals(metric.Key);
            difference._adjusted[metric.Key] = json.Take<double[]>($"{metric.Key}_p");
        }

        return difference;
    }

    JsonObject IFlatJson<SweepDifference>.ToJson()
    {
        var json = new JsonObject { ["method"] = Method, ["against"] = Against };
        foreach (var metric in SweepMetric.All)
        {
            json.Put(metric.Key, this[metric]);
            json.Put($"{metric.Key}_p", P(metric));
        }

        return json;
    }
}
