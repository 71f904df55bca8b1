using Logitscope.Charts;

namespace Logitscope.Sweeps;

/// <summary>The charts of a sweep, from its summary alone: they redraw without a model.</summary>
public static class SweepReport
{
    /// <summary>The page of a finished sweep.</summary>
    public const string PageFile = "sweep.html";

    private const string Reading =
        "Each residual resid_post of layer l is read as a next-token distribution by each method. precision@1 is the share of "
        + "prompts where the method's most probable token is the one that the model itself predicts at that position; "
        + "surprisal is -ln p(that token) under the method, in nats. Bands are 95 % intervals: Wilson's for precision@1, "
        + "Student's t for surprisal.";

    private const string Pairs =
        "Over the same prompts and positions, so the noise of the prompts cancels. A method leads where its interval of the "
        + "difference lies wholly above zero for precision@1, and below zero for surprisal.";

    /// <summary>precision@1 by layer, a curve a method.</summary>
    /// <param name="summary">The sweep.</param>
    /// <returns>The figure.</returns>
    public static Figure PrecisionAt1Chart(this SweepSummary summary) => Draw(
        summary, LayerMetric.PrecisionAt1, c => (c.PrecisionAt1, c.PrecisionAt1Low, c.PrecisionAt1High));

    /// <summary>Surprisal by layer, a curve a method.</summary>
    /// <param name="summary">The sweep.</param>
    /// <returns>The figure.</returns>
    public static Figure SurprisalChart(this SweepSummary summary) => Draw(
        summary, LayerMetric.Surprisal, c => (c.Surprisal, c.SurprisalLow, c.SurprisalHigh));

    /// <summary>The paper's surprisal by layer, a curve a method.</summary>
    /// <param name="summary">The sweep.</param>
    /// <returns>The figure.</returns>
    public static Figure SurprisalPaperChart(this SweepSummary summary) => Draw(
        summary, LayerMetric.SurprisalPaper, c => (c.SurprisalPaper, c.SurprisalPaperLow, c.SurprisalPaperHigh));

    /// <summary>Both charts, the differences between methods, and the provenance.</summary>
    /// <param name="summary">The sweep.</param>
    /// <returns>The page.</returns>
    public static ResultsPage ToPage(this SweepSummary summary) => new()
    {
        Title = "Layer sweep",
        Sections =
        [
            new Section { Prose = Reading, Contents = [summary.PrecisionAt1Chart(), summary.SurprisalChart()] },
            .. summary.Differences.Count == 0
                ? Array.Empty<Section>()
                : [new Section { Heading = "Differences between methods", Prose = Pairs, Contents = [.. summary.Differences.Select(Tabulate)] }],
        ],
        Provenance = summary.Provenance.Entries,
    };

    /// <summary>Writes <c>sweep.html</c>, <c>precision_at_1.svg</c> and <c>surprisal.svg</c>.</summary>
    /// <param name="summary">The sweep.</param>
    /// <param name="folder">An existing folder.</param>
    /// <returns>The path of the page.</returns>
    /// <exception cref="SweepException">A file cannot be written.</exception>
    public static string WriteReport(this SweepSummary summary, string folder)
    {
        try
        {
            var page = Path.Combine(folder, PageFile);
            summary.ToPage().Save(page);
            summary.PrecisionAt1Chart().Save(Path.Combine(folder, "precision_at_1.svg"));
            summary.SurprisalChart().Save(Path.Combine(folder, "surprisal.svg"));
            return page;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SweepException($"{folder}: cannot be written: {error.Message}", error);
        }
    }

    private static CurveFigure Draw(
        SweepSummary summary,
        LayerMetric metric,
        Func<SweepCurve, (IReadOnlyList<double> Mean, IReadOnlyList<double> Low, IReadOnlyList<double> High)> means)
    {
        var scores =
            from method in summary.Methods
            let curve = means(method.Value)
            from layer in Enumerable.Range(0, curve.Mean.Count)
            let band = double.IsFinite(curve.Low[layer]) ? new Band(curve.Low[layer], curve.High[layer]) : null
            select new LayerScore(method.Key, layer, curve.Mean[layer], band, method.Value.Prompts);
        var provenance = summary.Provenance;
        return LayerCurves.Draw(
            metric,
            scores,
            $"{provenance.Architecture} {provenance.Model[..8]}, {summary.Methods.Values.First().Prompts} prompts, "
            + $"positions: {provenance.Positions}, {provenance.Dtype}");
    }

    private static Table Tabulate(SweepDifference difference) => Table.Of(
        Enumerable.Range(0, difference.PrecisionAt1.Count),
        ("layer", layer => layer),
        ("precision@1", layer => difference.PrecisionAt1[layer]),
        ("from", layer => difference.PrecisionAt1Low[layer]),
        ("to", layer => difference.PrecisionAt1High[layer]),
        ("surprisal (nats)", layer => difference.Surprisal[layer]),
        ("from ", layer => difference.SurprisalLow[layer]),
        ("to ", layer => difference.SurprisalHigh[layer])) with
    { Title = $"{difference.Method} less {difference.Against}" };
}
