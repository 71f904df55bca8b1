namespace Logitscope;

/// <summary>The chart of a layer sweep: one line a method, a 95 % band around each.</summary>
public static class LayerCurves
{
    /// <summary>What the axis of layers is called: the output of a block, counted from 0.</summary>
    public const string LayerAxis = "layer (resid_post, 0-based)";

    private const double Headroom = 1.03;

    /// <summary>Draws one metric over the layers. Methods keep their order of first appearance.</summary>
    /// <param name="metric">What the scores measure.</param>
    /// <param name="scores">One score a method and layer, in any order of layers.</param>
    /// <param name="subtitle">What it was measured on: the model and the prompts.</param>
    /// <param name="looks">One a method, in their order; null takes those of <see cref="MethodLooks"/>.</param>
    /// <exception cref="ChartException">
    /// No score, two for one method and layer, or a number that the metric cannot take.
    /// </exception>
    public static CurveFigure Draw(
        LayerMetric metric, IEnumerable<LayerScore> scores, string subtitle = "", IReadOnlyList<LineLook>? looks = null)
    {
        var rows = scores.ToArray();
        Check(metric, rows);
        var methods = rows.GroupBy(row => row.Method).ToArray();
        looks ??= MethodLooks.For([.. methods.Select(method => method.Key)]);
        var curves = methods.Zip(looks, (method, look) => new Curve(method.Key, look,
            [.. method.Where(IsDrawn).OrderBy(row => row.Layer).Select(row => Point(metric, row))]));
        var infinite = rows.Where(row => !IsDrawn(row)).GroupBy(row => row.Method, row => row.Layer)
            .Select(method => $"; {metric.Name} of {method.Key} is infinite at layer {string.Join(", ", method.Order())}");

        return new CurveFigure
        {
            Title = metric.Title,
            Subtitle = (subtitle + string.Concat(infinite)).TrimStart(';', ' '),
            X = LayersAxis(rows.Min(row => row.Layer), rows.Max(row => row.Layer)),
            Y = ValueAxis(metric, rows.Where(IsDrawn).Select(row => row.Value.HasEnds ? row.Value.High : row.Value.Mean).Append(0).Max()),
            Curves = [.. curves.Where(curve => curve.Points.Count > 0)],
            Data = Table.Of(rows, ("method", row => row.Method), ("layer", row => row.Layer),
                (metric.Key, row => row.Value.Mean), ("low_95", row => row.Value.HasEnds ? row.Value.Low : null),
                ("high_95", row => row.Value.HasEnds ? row.Value.High : null), ("n", row => row.Count)),
        };
    }

    private static Axis LayersAxis(int first, int last) =>
        new(LayerAxis, first - 0.5, last + 0.5, Math.Max(1, Axis.StepFor(last - first + 1, 15)));

    private static Axis ValueAxis(LayerMetric metric, double highest)
    {
        var top = metric.Max ?? (highest > 0 ? highest : 1);
        return new(metric.Axis, 0, top * Headroom, Axis.StepFor(top, 6));
    }

    private static CurvePoint Point(LayerMetric metric, LayerScore row) =>
        new(row.Layer, row.Value, $"{metric.Name} {Numbers.Short(row.Value)}, n {row.Count}");

    // A reading that gives a token no chance at all has an infinite surprisal, and so has their mean.
    private static bool IsDrawn(LayerScore row) => double.IsFinite(row.Value.Mean);

    private static void Check(LayerMetric metric, LayerScore[] rows)
    {
        if (rows.Length == 0)
        {
            throw new ChartException($"A chart of {metric.Name} needs at least one score, got none.");
        }

        if (rows.GroupBy(row => (row.Method, row.Layer)).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ChartException($"A chart of {metric.Name} needs one score a method and layer, got "
                + $"{twice.Count()} for '{twice.Key.Method}' at layer {twice.Key.Layer}.");
        }

        foreach (var row in rows)
        {
            var bounds = metric.Max is { } max ? $"from 0 to {max}" : "from 0 up";
            var (value, low, high) = row.Value;
            if (row.Layer < 0 || !(value >= 0 && value <= (metric.Max ?? double.PositiveInfinity)))
            {
                throw new ChartException($"A score of {metric.Name} is a number {bounds} at a layer from 0 up, "
                    + $"got {value} for '{row.Method}' at layer {row.Layer}.");
            }

            if (IsDrawn(row) && row.Value != Interval.Open(value) && !(low <= high && row.Value.HasEnds))
            {
                throw new ChartException($"An interval of {metric.Name} runs from low to high, "
                    + $"got [{low}, {high}] for '{row.Method}' at layer {row.Layer}.");
            }
        }
    }
}

/// <summary>The layers that were read, ascending, as places of a heat map: a sweep may skip some.</summary>
internal sealed class LayerAxis
{
    private readonly int[] _layers;

    public LayerAxis(string title, IEnumerable<int> layers)
    {
        _layers = [.. layers.Distinct().Order()];
        Axis = new HeatAxis(title, [.. _layers.Select(layer => new HeatLabel($"{layer}"))]);
    }

    public HeatAxis Axis { get; }

    public int IndexOf(int layer) => Array.BinarySearch(_layers, layer);
}

/// <summary>One number of a layer sweep: a metric of one method at one layer.</summary>
/// <param name="Method">The method, such as "logit-lens".</param>
/// <param name="Layer">The 0-based block whose output (resid_post) was read.</param>
/// <param name="Value">The mean of the metric, in its unit, and its 95 % interval, which may have no ends.</param>
/// <param name="Count">How many residuals the mean is over.</param>
public sealed record LayerScore(string Method, int Layer, Interval Value, int Count);

/// <summary>A metric as a chart names it.</summary>
/// <param name="Key">Its column in a CSV file, with the unit.</param>
/// <param name="Name">Its name in a sentence.</param>
/// <param name="Axis">Its name and unit along the axis.</param>
/// <param name="Title">What a chart of it shows.</param>
/// <param name="Max">The largest value that it can take; null where it has no bound. The smallest is 0.</param>
public sealed record LayerMetric(string Key, string Name, string Axis, string Title, double? Max = null)
{
    /// <summary>The share of residuals whose top token after patching is the model's own next token.</summary>
    public static LayerMetric PrecisionAt1 { get; } = new("precision_at_1", "precision@1",
        "precision@1 (share of residuals)", "How often one residual gives away the model's next token", 1);

    /// <summary>The share of residuals whose k top tokens after patching hold the model's own next token.</summary>
    public static LayerMetric PrecisionAt(int k) => new($"precision_at_{k}", $"precision@{k}",
        $"precision@{k} (share of residuals)", $"How often the model's next token is among a residual's top {k}", 1);

    /// <summary>-ln p_patched(argmax p_source), in nats: the direction of the logitscope reference.</summary>
    public static LayerMetric Surprisal { get; } = new("surprisal_nats", "surprisal", "surprisal (nats)",
        "Surprisal of the model's next token, read from one residual");

    /// <summary>-ln p_source(argmax p_patched), in nats: the direction of the Patchscopes paper, section 4.1.</summary>
    public static LayerMetric SurprisalPaper { get; } = new("surprisal_paper_nats", "surprisal (paper)",
        "surprisal, paper's direction (nats)", "Surprisal in the paper's direction");

    /// <summary>KL(p_source || p_patched), in nats.</summary>
    public static LayerMetric Kl { get; } = new("kl_nats", "KL", "KL(source || patched) (nats)",
        "Divergence of the reading from the model's own distribution");

    /// <summary>The mean 0-based rank of the model's own next token.</summary>
    public static LayerMetric Rank { get; } = new("rank", "rank", "rank (0 is the top token)", "Rank of the model's next token, read from one residual");

    /// <summary>The mean of 1 / (rank + 1) of the model's own next token.</summary>
    public static LayerMetric Mrr { get; } = new("mrr", "MRR", "mean reciprocal rank",
        "Reciprocal rank of the model's next token, read from one residual", 1);
}

/// <summary>Which colour and dash a method has. The three of the reference chart keep theirs in every chart.</summary>
internal static class MethodLooks
{
    private static readonly Dictionary<string, LineLook> s_fixed = new()
    {
        ["logit-lens"] = new("#1f77b4", Dash.Dashed),
        ["token-identity"] = new("#2ca02c", Dash.Dotted),
        ["logitscope"] = new("#9467bd", Dash.DashDot),
    };

    // Okabe and Ito's colour-blind-safe set without the blue, green and purple that the reference takes.
    private static readonly string[] s_colors = ["#d55e00", "#e69f00", "#56b4e9", "#000000", "#cc79a7"];

    private static readonly Dash[] s_dashes = [Dash.Solid, Dash.LongDash, Dash.Dashed, Dash.DashDot, Dash.Dotted];

    /// <summary>One look a method; other methods take the remaining looks in turn, distinct up to 25 of them.</summary>
    public static IReadOnlyList<LineLook> For(IReadOnlyList<string> methods)
    {
        var others = 0;
        return [.. methods.Select(method => s_fixed.TryGetValue(method, out var look) ? look : Other(others++))];
    }

    private static LineLook Other(int index) =>
        new(s_colors[index % s_colors.Length], s_dashes[(index + index / s_colors.Length) % s_dashes.Length]);
}
