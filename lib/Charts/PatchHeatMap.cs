namespace Logitscope;

/// <summary>What a patched run says for every pair of source and target layer.</summary>
public static class PatchHeatMap
{
    /// <summary>Draws source layers (the first at the bottom) over target layers.</summary>
    /// <param name="readings">At most one a pair of layers; a pair without one stays blank.</param>
    /// <param name="title">What the figure shows.</param>
    /// <param name="subtitle">What it was measured on: models and prompts.</param>
    /// <param name="scale">What <see cref="PatchReading.Value"/> means; null shows the top probability.</param>
    /// <exception cref="ChartException">No reading, two for one pair, or a value that is no number.</exception>
    public static HeatFigure Draw(
        IEnumerable<PatchReading> readings,
        string title = "What the patched run says, by source and target layer",
        string subtitle = "",
        ColorScale? scale = null)
    {
        var cells = readings.ToArray();
        if (cells.Length == 0)
        {
            throw new ChartException("A heat map of a patch needs at least one reading, got none.");
        }

        var source = new LayerAxis("source layer (resid_post, 0-based)", cells.Select(cell => cell.SourceLayer));
        var target = new LayerAxis("target layer (resid_post, 0-based)", cells.Select(cell => cell.TargetLayer));
        return PredictionGrid.Draw(cells, (title, subtitle), target.Axis, source.Axis, scale,
            cell => (target.IndexOf(cell.TargetLayer), source.IndexOf(cell.SourceLayer)),
            ("source_layer", cell => cell.SourceLayer), ("target_layer", cell => cell.TargetLayer));
    }
}

/// <summary>What a patched run says, for one source layer and one target layer.</summary>
/// <param name="SourceLayer">The 0-based block whose output was taken.</param>
/// <param name="TargetLayer">The 0-based block whose output was replaced.</param>
/// <param name="Prediction">What the patched run predicts.</param>
/// <param name="Value">What the colour shows, where that is not the probability of the top token.</param>
public sealed record PatchReading(int SourceLayer, int TargetLayer, Prediction Prediction, double? Value = null)
    : IReading;
