using System.Text.Json.Serialization;
using Logitscope.Metrics;

namespace Logitscope.Sweeps;

/// <summary>
/// How much one method leads another, by layer, over pairs: the same prompt and position under both. Ends are those of
/// 95 % intervals of the mean difference, by Student's t.
/// </summary>
public sealed record SweepDifference
{
    /// <summary>The method that leads where the difference in precision@1 is above zero.</summary>
    public required string Method { get; init; }

    /// <summary>The method that it is compared with.</summary>
    public required string Against { get; init; }

    /// <summary>Mean difference in precision@1.</summary>
    [JsonPropertyName("precision_at_1")]
    public required IReadOnlyList<double> PrecisionAt1 { get; init; }

    /// <summary>Lower ends.</summary>
    [JsonPropertyName("precision_at_1_low")]
    public required IReadOnlyList<double> PrecisionAt1Low { get; init; }

    /// <summary>Upper ends.</summary>
    [JsonPropertyName("precision_at_1_high")]
    public required IReadOnlyList<double> PrecisionAt1High { get; init; }

    /// <summary>Mean difference in surprisal, in nats; below zero where the method leads.</summary>
    public required IReadOnlyList<double> Surprisal { get; init; }

    /// <summary>Lower ends.</summary>
    public required IReadOnlyList<double> SurprisalLow { get; init; }

    /// <summary>Upper ends.</summary>
    public required IReadOnlyList<double> SurprisalHigh { get; init; }

    /// <summary>Compares two methods.</summary>
    /// <param name="method">Rows of the one.</param>
    /// <param name="against">Rows of the other, same layers and prompts.</param>
    /// <returns>The differences, or null where the positions differ: then nothing is paired.</returns>
    public static SweepDifference? Of(IReadOnlyList<SweepRow> method, IReadOnlyList<SweepRow> against)
    {
        var pairs = method.Join(
            against, row => (row.Layer, row.Prompt), row => (row.Layer, row.Prompt), (a, b) => (A: a, B: b)).ToArray();
        if (pairs.Any(pair => pair.A.Position != pair.B.Position))
        {
            return null;
        }

        var layers = pairs.GroupBy(pair => pair.A.Layer).OrderBy(group => group.Key).ToArray();
        var precision = layers.Select(layer => Interval.OfMean(
            [.. layer.Select(pair => (double)(pair.A.PrecisionAt1 - pair.B.PrecisionAt1))])).ToArray();
        var surprisal = layers.Select(layer => Interval.OfMean(
            [.. layer.Select(pair => pair.A.Surprisal - pair.B.Surprisal)])).ToArray();
        return new SweepDifference
        {
            Method = method[0].Method,
            Against = against[0].Method,
            PrecisionAt1 = [.. precision.Select(i => i.Mean)],
            PrecisionAt1Low = [.. precision.Select(i => i.Low)],
            PrecisionAt1High = [.. precision.Select(i => i.High)],
            Surprisal = [.. surprisal.Select(i => i.Mean)],
            SurprisalLow = [.. surprisal.Select(i => i.Low)],
            SurprisalHigh = [.. surprisal.Select(i => i.High)],
        };
    }
}
