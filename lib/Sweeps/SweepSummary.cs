using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Logitscope;

/// <summary>
/// Means by method and layer, with 95 % intervals, which docs/statistics.md explains. The content of <c>summary.json</c>.
/// </summary>
/// <param name="Methods">Each method's curves, in the order of the sweep.</param>
/// <param name="Differences">Each pair of methods, later against earlier; none where positions are not paired.</param>
/// <param name="Comparisons">How many comparisons the differences are, and are corrected for: pairs, layers, metrics.</param>
/// <param name="IdenticalLayers">
/// Layers at which every method reads the model's own distribution: by construction the last one, where what is patched
/// is what the unembedding reads. They are no comparisons.
/// </param>
/// <param name="FirstPositionShare">
/// Share of rows read at position 0. Where a BOS stands there, all prompts have one residual there.
/// </param>
/// <param name="Warnings">Methods that agree in every row; where the prompts are few for an interval, one sentence a metric.</param>
/// <param name="Provenance">What made the rows.</param>
public sealed record SweepSummary(
    IReadOnlyDictionary<string, SweepCurve> Methods,
    IReadOnlyList<SweepDifference> Differences,
    int Comparisons,
    IReadOnlyList<int> IdenticalLayers,
    double FirstPositionShare,
    IReadOnlyList<string> Warnings,
    Provenance Provenance)
{
    private const double Identical = 1e-3; // nats, so that bfloat16's rounding is no difference

    private const double Rounding = 1e-5; // nats, of float32

    /// <summary>The file.</summary>
    public const string File = "summary.json";

    /// <summary>Summarises rows.</summary>
    /// <param name="rows">All cells of a sweep.</param>
    /// <param name="provenance">What made them.</param>
    /// <returns>The summary.</returns>
    public static SweepSummary Of(IEnumerable<SweepRow> rows, Provenance provenance)
    {
        var weak = new List<(SweepMetric Metric, string Name, int Layer)>();
        var methods = InOrder(rows);
        var layers = methods.Max(method => method.Length);
        var isLastIdentical = methods.All(method => method[^1].Average(row => row.Kl) < Identical);
        var curves = methods.ToDictionary(
            method => method[0][0].Method,
            method => SweepCurve.Of(method, SweepMetric.All, (metric, layer) => weak.Add((metric, method[0][0].Method, layer))));
        var (differences, comparisons) = SweepDifference.Family(
            methods,
            isLastIdentical ? layers - 1 : layers,
            (difference, metric, layer) => weak.Add((metric, $"{difference.Method} less {difference.Against}", layer)));
        return new SweepSummary(
            curves,
            differences,
            comparisons,
            isLastIdentical ? [layers - 1] : [],
            methods.SelectMany(method => method).Average(layer => layer.Average(row => row.Position == 0 ? 1.0 : 0)),
            [
                .. methods.GroupBy(method => method, new SameCurves()).Where(same => same.Count() > 1).Select(same =>
                    $"{string.Join(", ", same.Select(method => method[0][0].Method))} agree in every row: one curve hides the others"),
                .. weak.GroupBy(place => place.Metric).Select(places => Warn(places.Key, curves.Values.First().Prompts, places)),
            ],
            provenance);
    }

    /// <summary>Rows as <c>[method][layer][prompt and position]</c>.</summary>
    internal static SweepRow[][][] InOrder(IEnumerable<SweepRow> rows) =>
    [
        .. rows.GroupBy(row => row.Method).Select(method => method.GroupBy(row => row.Layer).OrderBy(layer => layer.Key)
            .Select(layer => layer.OrderBy(row => row.Prompt).ThenBy(row => row.Position).ToArray()).ToArray()),
    ];

    private static string Warn(SweepMetric metric, int prompts, IEnumerable<(SweepMetric, string Name, int Layer)> places) =>
        $"{metric.Chart.Name}: {prompts} prompts are few for a mean of numbers this skewed; its interval may cover less than it says: "
        + string.Join("; ", places.GroupBy(place => place.Name, place => place.Layer)
            .Select(name => $"{name.Key} at layers {string.Join(", ", name)}"));

    // Rows whose predictions are the same, and whose divergences are but for rounding.
    private sealed class SameCurves : IEqualityComparer<SweepRow[][]>
    {
        public bool Equals(SweepRow[][]? one, SweepRow[][]? other) => one!.SelectMany(layer => layer).Zip(other!.SelectMany(layer => layer))
            .All(rows => rows.First.Predicted == rows.Second.Predicted && Math.Abs(rows.First.Kl - rows.Second.Kl) < Rounding);

        public int GetHashCode(SweepRow[][] rows) => 0;
    }

    /// <summary>The summary as JSON.</summary>
    /// <returns>Indented text.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, SweepJson.Indented);

    /// <summary>Writes <c>summary.json</c>, whole or not at all.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <exception cref="SweepException">The file cannot be written.</exception>
    public void Write(string folder)
    {
        var path = Path.Combine(folder, File);
        try
        {
            AtomicFile.Write(path, ToJson() + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SweepException($"{path}: cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Reads the summary of a finished sweep.</summary>
    /// <param name="folder">Its folder.</param>
    /// <returns>The summary.</returns>
    /// <exception cref="SweepException">There is none, or it is broken.</exception>
    public static SweepSummary Read(string folder)
    {
        var path = Path.Combine(folder, File);
        try
        {
            return JsonSerializer.Deserialize<SweepSummary>(System.IO.File.ReadAllText(path), SweepJson.Indented)
                ?? throw new SweepException($"{path}: expected a summary, got null");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SweepException($"{path}: not the summary of a finished sweep: {error.Message}", error);
        }
    }
}

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

    /// <summary>Share of residuals for which the target is among the method's k most probable tokens. It is drawn by <see cref="SweepResult.Chart"/>.</summary>
    /// <param name="k">How many, at least 1.</param>
    /// <exception cref="SweepException">k is less than 1.</exception>
    public static SweepMetric PrecisionAt(int k) => k < 1
        ? throw new SweepException($"precision@k: expected a k from 1, got {k}")
        : new($"precision_at_{k}", LayerMetric.PrecisionAt(k), row => row.Rank < k ? 1 : 0, isHigherBetter: true, isShare: true);

    /// <summary>Mean 0-based rank of the target. It is drawn by <see cref="SweepResult.Chart"/>.</summary>
    public static SweepMetric Rank { get; } = new("rank", LayerMetric.Rank, row => row.Rank);

    /// <summary>
    /// Those that a summary holds and compares methods by. Others are for <see cref="SweepResult.Chart"/>: each one more here would cost
    /// all verdicts some of their power.
    /// </summary>
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
    /// <exception cref="SweepException">The curve does not hold it.</exception>
    public IReadOnlyList<Interval> this[SweepMetric metric] => _means.TryGetValue(metric.Key, out var means) ? means
        : throw new SweepException($"a summary's metric: expected one of {string.Join(", ", _means.Keys)}, got {metric.Key}; SweepResult.Chart draws others");

    /// <summary>The curve of one method's rows.</summary>
    /// <param name="layers">The rows of each layer.</param>
    /// <param name="metrics">What is averaged.</param>
    /// <param name="weak">Told where the prompts are few for an interval.</param>
    internal static SweepCurve Of(IReadOnlyList<SweepRow[]> layers, IReadOnlyList<SweepMetric> metrics, Action<SweepMetric, int> weak)
    {
        var curve = new SweepCurve(layers[0].DistinctBy(row => row.Prompt).Count(), layers[0].Length);
        var groups = layers.Select(rows => rows.Select(row => row.Prompt).ToArray()).ToArray();
        foreach (var metric in metrics)
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
