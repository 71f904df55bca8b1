using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Logitscope.Metrics;

namespace Logitscope.Sweeps;

/// <summary>
/// One method's means by layer. Each has its pointwise 95 % interval: 19 of 20 hold the truth, and one of 20 does not.
/// Positions of one prompt are taken as belonging together.
/// </summary>
/// <param name="Prompts">How many prompts each mean is over.</param>
/// <param name="Positions">How many residuals of them.</param>
[JsonConverter(typeof(FlatJson<SweepCurve>))]
public sealed record SweepCurve(int Prompts, int Positions) : IFlatJson<SweepCurve>
{
    private readonly Dictionary<string, IReadOnlyList<Interval>> _means = [];

    /// <summary>The means of a metric.</summary>
    /// <param name="metric">The metric.</param>
    /// <returns>One a layer.</returns>
    public IReadOnlyList<Interval> this[SweepMetric metric] => _means[metric.Key];

    /// <summary>The curve of one method's rows.</summary>
    /// <param name="layers">The rows of each layer.</param>
    /// <param name="weak">Told where the prompts are few for an interval.</param>
    internal static SweepCurve Of(IReadOnlyList<SweepRow[]> layers, Action<SweepMetric, int> weak)
    {
        var curve = new SweepCurve(layers[0].DistinctBy(row => row.Prompt).Count(), layers[0].Length);
        var groups = layers.Select(rows => rows.Select(row => row.Prompt).ToArray()).ToArray();
        foreach (var metric in SweepMetric.All)
        {
            curve._means[metric.Key] =
            [
                .. layers.Select((rows, layer) =>
                {
                    var sample = new Sample([.. rows.Select(metric.Of)], groups[layer]);
                    if (!metric.IsShare && sample.IsSmall)
                    {
                        weak(metric, layer);
                    }

                    return metric.Level(sample);
                }),
            ];
        }

        return curve;
    }

    static SweepCurve IFlatJson<SweepCurve>.Of(JsonObject json)
    {
        var curve = new SweepCurve(json.Take<int>("prompts"), json.Take<int>("positions"));
        foreach (var metric in SweepMetric.All)
        {
            curve._means[metric.Key] = json.Intervals(metric.Key);
        }

        return curve;
    }

    JsonObject IFlatJson<SweepCurve>.ToJson()
    {
        var json = new JsonObject { ["prompts"] = Prompts, ["positions"] = Positions };
        foreach (var metric in SweepMetric.All)
        {
            json.Put(metric.Key, this[metric]);
        }

        return json;
    }
}
