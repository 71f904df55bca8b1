using Logitscope.Metrics;

namespace Logitscope.Charts;

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
    /// <exception cref="ChartException">
    /// No score, two for one method and layer, or a number that the metric cannot take.
    /// </exception>
    public static CurveFigure Draw(LayerMetric metric, IEnumerable<LayerScore> scores, string subtitle = "")
    {
        var rows = scores.ToArray();
        Check(metric, rows);
        var methods = rows.GroupBy(row => row.Method).ToArray();
        var looks = MethodLooks.For([.. methods.Select(method => method.Key)]);
        var curves = methods.Zip(looks, (method, look) => new Curve(method.Key, look,
            [.. method.OrderBy(row => row.Layer).Select(row => Point(metric, row))]));

        return new CurveFigure
        {
            Title = metric.Title,
            Subtitle = subtitle,
            X = LayersAxis(rows.Min(row => row.Layer), rows.Max(row => row.Layer)),
            Y = ValueAxis(metric, rows.Max(row => row.Value.HasEnds ? row.Value.High : row.Value.Mean)),
            Curves = [.. curves],
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

    private static CurvePoint Point(LayerMetric metric, LayerScore row)
    {
        return new CurvePoint(row.Layer, row.Value, $"{metric.Name} {Numbers.Short(row.Value)}, n {row.Count}");
    }

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
            if (row.Layer < 0 || !(value >= 0 && value <= (metric.Max ?? double.MaxValue)))
            {
                throw new ChartException($"A score of {metric.Name} is a number {bounds} at a layer from 0 up, "
                    + $"got {value} for '{row.Method}' at layer {row.Layer}.");
            }

            if (row.Value != Interval.Open(value) && !(low <= high && row.Value.HasEnds))
            {
                throw new ChartException($"An interval of {metric.Name} runs from low to high, "
                    + $"got [{low}, {high}] for '{row.Method}' at layer {row.Layer}.");
            }
        }
    }
}
