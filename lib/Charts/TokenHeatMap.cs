namespace Logitscope;

/// <summary>What each layer would say at each position of a text: the picture of the logit lens and its kin.</summary>
public static class TokenHeatMap
{
    /// <summary>Draws layers (the first at the bottom) over positions.</summary>
    /// <param name="tokens">The tokens of the text as they are to be shown, one a position.</param>
    /// <param name="readings">At most one a layer and position; a place without one stays blank.</param>
    /// <param name="title">What the figure shows.</param>
    /// <param name="subtitle">What it was measured on: the model and the text.</param>
    /// <param name="scale">What <see cref="TokenReading.Value"/> means; null shows the top probability.</param>
    /// <exception cref="ChartException">
    /// No reading, a position outside the text, two readings for one cell, or a value that is no number.
    /// </exception>
    public static HeatFigure Draw(
        IReadOnlyList<string> tokens,
        IEnumerable<TokenReading> readings,
        string title = "What each residual says next",
        string subtitle = "",
        ColorScale? scale = null)
    {
        var cells = readings.ToArray();
        if (cells.Length == 0)
        {
            throw new ChartException("A heat map of tokens needs at least one reading, got none.");
        }

        if (cells.FirstOrDefault(cell => cell.Position < 0 || cell.Position >= tokens.Count) is { } outside)
        {
            throw new ChartException($"The text has positions 0 to {tokens.Count - 1}, "
                + $"got a reading at position {outside.Position}, layer {outside.Layer}.");
        }

        var layers = new LayerAxis(LayerCurves.LayerAxis, cells.Select(cell => cell.Layer));
        var columns = new HeatAxis("token at each position (0-based)",
            [.. tokens.Select((token, position) => new HeatLabel(token, $"{position}"))]);
        return PredictionGrid.Draw(cells, (title, subtitle), columns, layers.Axis, scale,
            cell => (cell.Position, layers.IndexOf(cell.Layer)),
            ("layer", cell => cell.Layer), ("position", cell => cell.Position),
            ("token", cell => tokens[cell.Position]));
    }
}

/// <summary>What is read from one residual of a text.</summary>
/// <param name="Layer">The 0-based block whose output (resid_post) was read.</param>
/// <param name="Position">The 0-based position in the text, BOS counted.</param>
/// <param name="Prediction">What the residual predicts.</param>
/// <param name="Value">What the colour shows, where that is not the probability of the top token.</param>
public sealed record TokenReading(int Layer, int Position, Prediction Prediction, double? Value = null) : IReading;
