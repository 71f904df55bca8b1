namespace Logitscope;

/// <summary>The charts of a sweep, from its summary alone: they redraw without a model.</summary>
public static class SweepReport
{
    /// <summary>The page of a finished sweep.</summary>
    public const string PageFile = "sweep.html";

    /// <summary>What the numbers are.</summary>
    internal const string Reading =
        "Each residual resid_post of layer l is read as a next-token distribution by each method. precision@1 is the share of "
        + "residuals for which the method's most probable token is the one that the model itself predicts there; surprisal is "
        + "-ln p(that token) under the method, in nats. Bands are pointwise 95 % intervals, over prompts: one of twenty misses, "
        + "and two that overlap say nothing of a difference.";

    /// <summary>A metric by layer, a curve a method, each with its pointwise 95 % band.</summary>
    /// <param name="summary">The sweep.</param>
    /// <param name="metric">The metric.</param>
    /// <returns>The figure.</returns>
    public static ChartFigure Chart(this SweepSummary summary, SweepMetric metric)
    {
        var scores =
            from method in summary.Methods
            from value in method.Value[metric].Index()
            select new LayerScore(method.Key, value.Index, value.Item, method.Value.Positions);
        var (provenance, curve) = (summary.Provenance, summary.Methods.Values.First());
        var positions = curve.Positions == curve.Prompts ? "" : $", {curve.Positions} positions";
        return LayerCurves.Draw(
            metric.Chart,
            scores,
            $"{provenance.Architecture} {provenance.Model[..Math.Min(8, provenance.Model.Length)]}, {curve.Prompts} prompts{positions}: {provenance.Positions}, "
            + $"{provenance.Dtype}; 95 % bands, pointwise, over prompts"
            + string.Concat(summary.IdenticalLayers.Select(layer => $"; layer {layer} is identical by construction")));
    }

    /// <summary>Several sweeps in one chart: a method has its colour in all of them, and a sweep, its dashes.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="sweeps">Up to five, each under a name, such as its model's.</param>
    /// <returns>The figure; layers are those of each model, however many it has.</returns>
    /// <exception cref="SweepException">There is none, there are more, or two of one name.</exception>
    public static ChartFigure Compare(SweepMetric metric, params IReadOnlyList<(string Name, SweepSummary Summary)> sweeps)
    {
        Dash[] dashes = [Dash.Solid, Dash.Dashed, Dash.Dotted, Dash.DashDot, Dash.LongDash];
        if (sweeps.Count == 0 || sweeps.Count > dashes.Length || sweeps.DistinctBy(sweep => sweep.Name).Count() < sweeps.Count)
        {
            throw new SweepException(
                $"a comparison: expected 1 to {dashes.Length} sweeps of different names, got {string.Join(", ", sweeps.Select(sweep => $"'{sweep.Name}'"))}");
        }

        string[] methods = [.. sweeps.SelectMany(sweep => sweep.Summary.Methods.Keys).Distinct()];
        var colors = methods.Zip(MethodLooks.For(methods)).ToDictionary(method => method.First, method => method.Second.Color);
        var curves = sweeps.Index().SelectMany(sweep => sweep.Item.Summary.Methods, (sweep, method) => (
            Name: $"{method.Key}, {sweep.Item.Name}", Look: new LineLook(colors[method.Key], dashes[sweep.Index]), Curve: method.Value)).ToArray();
        return LayerCurves.Draw(
            metric.Chart,
            curves.SelectMany(curve => curve.Curve[metric].Select((value, layer) => new LayerScore(curve.Name, layer, value, curve.Curve.Positions))),
            string.Join("; ", sweeps.Select(sweep => $"{sweep.Name}: {sweep.Summary.Provenance.Architecture}, {sweep.Summary.Methods.Values.First().Prompts} prompts"))
            + "; 95 % bands, pointwise, over prompts",
            [.. curves.Select(curve => curve.Look)]);
    }

    /// <summary>precision@1 by layer, a curve a method.</summary>
    /// <param name="summary">The sweep.</param>
    /// <returns>The figure.</returns>
    public static ChartFigure PrecisionAt1Chart(this SweepSummary summary) => summary.Chart(SweepMetric.PrecisionAt1);

    /// <summary>Surprisal by layer, a curve a method.</summary>
    /// <param name="summary">The sweep.</param>
    /// <returns>The figure.</returns>
    public static ChartFigure SurprisalChart(this SweepSummary summary) => summary.Chart(SweepMetric.Surprisal);

    /// <summary>The paper's surprisal by layer, a curve a method.</summary>
    /// <param name="summary">The sweep.</param>
    /// <returns>The figure.</returns>
    public static ChartFigure SurprisalPaperChart(this SweepSummary summary) => summary.Chart(SweepMetric.SurprisalPaper);

    /// <summary>Divergence from the model's own distribution by layer, a curve a method.</summary>
    /// <param name="summary">The sweep.</param>
    /// <returns>The figure.</returns>
    public static ChartFigure KlChart(this SweepSummary summary) => summary.Chart(SweepMetric.Kl);

    /// <summary>Mean reciprocal rank by layer, a curve a method.</summary>
    /// <param name="summary">The sweep.</param>
    /// <returns>The figure.</returns>
    public static ChartFigure MrrChart(this SweepSummary summary) => summary.Chart(SweepMetric.Mrr);

    /// <summary>The charts, the differences between methods, and the provenance.</summary>
    /// <param name="summary">The sweep.</param>
    /// <returns>The page.</returns>
    public static ResultsPage ToPage(this SweepSummary summary) => new()
    {
        Title = "Layer sweep",
        Sections =
        [
            new Section
            {
                Prose = Reading + (Cautions(summary) is { Length: > 0 } all ? $"\n\nCautions, below the curves: {all.Length}." : ""),
                Contents = [.. SweepMetric.All.Select(summary.Chart)],
            },
            .. Cautions(summary) is { Length: > 0 } cautions
                ? [new Section { Heading = "Cautions", Prose = string.Join("\n\n", cautions) }]
                : Array.Empty<Section>(),
            .. summary.Differences.Count == 0
                ? Array.Empty<Section>()
                :
                [
                    new Section
                    {
                        Heading = "Differences between methods",
                        Prose = Pairs(summary),
                        Contents = [.. summary.Differences.Select(summary.TableOf)],
                    },
                ],
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

    /// <summary>One pair of methods by layer: each metric's difference and its interval, with a star where they part.</summary>
    /// <param name="summary">The sweep.</param>
    /// <param name="difference">One of its differences.</param>
    /// <returns>One row a layer.</returns>
    public static Table TableOf(this SweepSummary summary, SweepDifference difference) => Table.Of(
        Enumerable.Range(0, difference[SweepMetric.PrecisionAt1].Count),
        [
            ("layer", layer => layer),
            .. SweepMetric.All.Select(metric => (metric.Chart.Name, (Func<int, object?>)(layer =>
                summary.IdenticalLayers.Contains(layer) ? "identical by construction"
                : Numbers.Short(difference[metric][layer]) + (difference.Parts(metric, layer) ? " *" : "")))),
        ]) with
    { Title = $"{difference.Method} less {difference.Against}" };

    private static string Pairs(SweepSummary summary) =>
        "The same residuals are read by both methods, and what they share of the noise cancels. Intervals hold for all "
        + $"{summary.Comparisons} comparisons together (Bonferroni); a star is a difference at 5 % for all of them together (Holm). "
        + "docs/statistics.md explains both.";

    private static string[] Cautions(SweepSummary summary)
    {
        var first = summary.FirstPositionShare > 0
            ? [$"{100 * summary.FirstPositionShare:F1} % of the rows are read at position 0. Where a BOS stands there, every prompt has the same residual."]
            : Array.Empty<string>();
        return [.. first, .. summary.Warnings];
    }
}
