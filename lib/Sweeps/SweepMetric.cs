using Logitscope.Charts;
using Logitscope.Metrics;

namespace Logitscope.Sweeps;

/// <summary>What a sweep measures: a number of each row, and how its mean is estimated.</summary>
public sealed record SweepMetric
{
    private SweepMetric(
        string key, LayerMetric chart, Func<SweepRow, double> of, bool isHigherBetter = false, bool isShare = false) =>
        (Key, Chart, Of, IsHigherBetter, IsShare) = (key, chart, of, isHigherBetter, isShare);

    /// <summary>Share of residuals whose prediction the method foretells.</summary>
    public static SweepMetric PrecisionAt1 { get; } =
        new("precision_at_1", LayerMetric.PrecisionAt1, row => row.PrecisionAt1, isHigherBetter: true, isShare: true);

    /// <summary>Mean <c>-ln p_patched(target)</c>, in nats.</summary>
    public static SweepMetric Surprisal { get; } = new("surprisal", LayerMetric.Surprisal, row => row.Surprisal);

    /// <summary>Mean <c>-ln p_source(predicted)</c>, in nats.</summary>
    public static SweepMetric SurprisalPaper { get; } =
        new("surprisal_paper", LayerMetric.SurprisalPaper, row => row.SurprisalPaper);

    /// <summary>Mean <c>KL(p_source || p_patched)</c>, in nats.</summary>
    public static SweepMetric Kl { get; } = new("kl", LayerMetric.Kl, row => row.Kl);

    /// <summary>Mean reciprocal rank of the target, from 0 to 1.</summary>
    public static SweepMetric Mrr { get; } = new("mrr", LayerMetric.Mrr, row => 1.0 / (row.Rank + 1), isHigherBetter: true);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SweepMetric> All { get; } = [PrecisionAt1, Surprisal, SurprisalPaper, Kl, Mrr];

    /// <summary>Its name in <c>summary.json</c>.</summary>
    public string Key { get; }

    /// <summary>Its names in a chart.</summary>
    public LayerMetric Chart { get; }

    /// <summary>The number of a row.</summary>
    public Func<SweepRow, double> Of { get; }

    /// <summary>Whether the better method has the higher number.</summary>
    public bool IsHigherBetter { get; }

    /// <summary>Whether the numbers are 0 and 1.</summary>
    public bool IsShare { get; }

    /// <summary>The mean of rows: a share by Wilson's score, else by Hall's transformed t.</summary>
    internal Interval Level(Sample rows) =>
        IsShare ? rows.Share() : rows.Hall().Within(0, Chart.Max ?? double.PositiveInfinity);

    /// <summary>The mean of differences: of shares by Tango's score, else by Hall's transformed t.</summary>
    internal Interval Difference(Sample pairs, double error) => IsShare ? pairs.ShareDifference(error) : pairs.Hall(error);

    /// <summary>The test that goes with <see cref="Difference"/>.</summary>
    internal double P(Sample pairs) => IsShare ? pairs.ShareDifferenceP : pairs.HallP;
}
