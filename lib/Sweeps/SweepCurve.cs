using System.Text.Json.Serialization;
using Logitscope.Metrics;

namespace Logitscope.Sweeps;

/// <summary>One method's means by layer. Every list has one entry a layer; ends are those of 95 % intervals.</summary>
public sealed record SweepCurve
{
    /// <summary>How many prompts each mean is over.</summary>
    public required int Prompts { get; init; }

    /// <summary>Share of prompts whose prediction the method foretells.</summary>
    [JsonPropertyName("precision_at_1")]
    public required IReadOnlyList<double> PrecisionAt1 { get; init; }

    /// <summary>Lower ends, by Wilson's score.</summary>
    [JsonPropertyName("precision_at_1_low")]
    public required IReadOnlyList<double> PrecisionAt1Low { get; init; }

    /// <summary>Upper ends, by Wilson's score.</summary>
    [JsonPropertyName("precision_at_1_high")]
    public required IReadOnlyList<double> PrecisionAt1High { get; init; }

    /// <summary>Mean <c>-ln p_patched(target)</c>, in nats.</summary>
    public required IReadOnlyList<double> Surprisal { get; init; }

    /// <summary>Lower ends, by Student's t.</summary>
    public required IReadOnlyList<double> SurprisalLow { get; init; }

    /// <summary>Upper ends, by Student's t.</summary>
    public required IReadOnlyList<double> SurprisalHigh { get; init; }

    /// <summary>Mean <c>-ln p_source(predicted)</c>, in nats.</summary>
    public required IReadOnlyList<double> SurprisalPaper { get; init; }

    /// <summary>Lower ends, by Student's t.</summary>
    public required IReadOnlyList<double> SurprisalPaperLow { get; init; }

    /// <summary>Upper ends, by Student's t.</summary>
    public required IReadOnlyList<double> SurprisalPaperHigh { get; init; }

    /// <summary>Mean <c>KL(p_source || p_patched)</c>, in nats.</summary>
    public required IReadOnlyList<double> Kl { get; init; }

    /// <summary>Mean reciprocal rank of the target, from 0 to 1.</summary>
    public required IReadOnlyList<double> Mrr { get; init; }

    /// <summary>The curve of one method's rows.</summary>
    /// <param name="rows">All layers, the same prompts in each.</param>
    /// <returns>The means.</returns>
    public static SweepCurve Of(IEnumerable<SweepRow> rows)
    {
        SweepRow[][] layers = [.. rows.GroupBy(row => row.Layer).OrderBy(group => group.Key).Select(group => group.ToArray())];
        var precision = layers.Select(l => Interval.OfProportion(l.Sum(row => row.PrecisionAt1), l.Length)).ToArray();
        var surprisal = layers.Select(l => Interval.OfMean([.. l.Select(row => row.Surprisal)])).ToArray();
        var paper = layers.Select(l => Interval.OfMean([.. l.Select(row => row.SurprisalPaper)])).ToArray();
        return new SweepCurve
        {
            Prompts = layers[0].Length,
            PrecisionAt1 = [.. precision.Select(i => i.Mean)],
            PrecisionAt1Low = [.. precision.Select(i => i.Low)],
            PrecisionAt1High = [.. precision.Select(i => i.High)],
            Surprisal = [.. surprisal.Select(i => i.Mean)],
            SurprisalLow = [.. surprisal.Select(i => i.Low)],
            SurprisalHigh = [.. surprisal.Select(i => i.High)],
            SurprisalPaper = [.. paper.Select(i => i.Mean)],
            SurprisalPaperLow = [.. paper.Select(i => i.Low)],
            SurprisalPaperHigh = [.. paper.Select(i => i.High)],
            Kl = [.. layers.Select(l => l.Average(row => row.Kl))],
            Mrr = [.. layers.Select(l => l.Average(row => 1.0 / (row.Rank + 1)))],
        };
    }
}
