namespace Logitscope;

/// <summary>
/// How well a residual of each source layer, patched into each layer of one target prompt, foretells the model's own next
/// token, over many prompts.
/// </summary>
/// <param name="Cells">One a pair of layers.</param>
/// <param name="Prompts">How many prompts each is over.</param>
/// <param name="Target">The target prompt as shown, and the position.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record LayerGrid(IReadOnlyList<LayerGridCell> Cells, int Prompts, string Target) : IDisplay
{
    /// <summary>Reads one residual of each prompt and layer, and patches all of them into every layer of the target.</summary>
    /// <param name="model">Source and target model.</param>
    /// <param name="prompts">The source prompts.</param>
    /// <param name="target">The target prompt; its last token is replaced.</param>
    /// <param name="position">The token read of each source prompt. Default: the last.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <exception cref="LogitscopeException">There is no prompt, or a position or a size does not fit.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static LayerGrid Run(
        LanguageModel model, IReadOnlyList<Prompt> prompts, Prompt target, Index? position = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var wavefront = new Wavefront(model, target, ^1);
        var scores = prompts.Chunk(Math.Max(1, model.TokensToRun / (model.Layers * model.Layers)))
            .SelectMany(some => Read(model, some, wavefront, position ?? ^1, cancellation)).ToLookup(cell => cell.Pair, cell => cell.Score);
        return new LayerGrid(
            [
                .. scores.OrderBy(pair => pair.Key).Select(pair => new LayerGridCell(
                    pair.Key.Source,
                    pair.Key.Target,
                    new Sample([.. pair.Select(score => (double)score.PrecisionAt1)]).Share(),
                    new Sample([.. pair.Select(score => score.Surprisal)]).Hall().Within(0, double.PositiveInfinity))),
            ],
            prompts.Count,
            $"{target} at {target.Count - 1}");
    }

    /// <summary>The heat map: colour and number are precision@1.</summary>
    /// <returns>The figure.</returns>
    public ChartFigure Chart()
    {
        HeatLabel[] layers = [.. Enumerable.Range(0, Cells.Max(cell => cell.SourceLayer) + 1).Select(layer => new HeatLabel($"{layer}"))];
        return new HeatFigure
        {
            Title = "How often a patched residual gives away the model's next token",
            Subtitle = $"{Prompts} prompts into {Target}",
            Columns = new("target layer (resid_post, 0-based)", layers),
            Rows = new("source layer (resid_post, 0-based)", layers),
            Scale = ColorScale.Probability("precision@1 (share of prompts)"),
            Cells =
            [
                .. Cells.Select(cell => new HeatCell(cell.TargetLayer, cell.SourceLayer, cell.PrecisionAt1.Mean, $"{cell.PrecisionAt1.Mean:0.00}",
                [
                    $"source layer {cell.SourceLayer}, target layer {cell.TargetLayer}",
                    $"precision@1 {Numbers.Short(cell.PrecisionAt1)}",
                    $"surprisal {Numbers.Short(cell.Surprisal)} nats, n {Prompts}",
                ])),
            ],
        };
    }

    /// <inheritdoc/>
    public string ToHtml() => Chart().ToHtml();

    /// <inheritdoc/>
    public string ToText() => Chart().ToText();

    // By target layer, then source layer, then prompt: all residuals go into each layer, in one climb.
    private static List<((int Source, int Target) Pair, NextTokenScore Score)> Read(
        LanguageModel model, Prompt[] prompts, Wavefront wavefront, Index position, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var source = SourceRun.Read(model, prompts, position, cancellation);
        using var scorer = new NextTokenScorer(model.Unembed(source.Last()));
        var residuals = cat([.. Enumerable.Range(0, model.Layers).Select(layer => source.At(new(layer, Site.ResidPost)))]);
        var last = wavefront.Run([.. Enumerable.Range(0, model.Layers).Select(layer => new LayerPatch(new(layer, Site.ResidPost), residuals))], cancellation);
        int[] own = [.. Enumerable.Range(0, (int)residuals.size(0)).Select(row => row % prompts.Length)];
        var cells = new List<((int Source, int Target) Pair, NextTokenScore Score)>();
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var scores = scorer.Score(model.Unembed(last.narrow(0, (long)layer * own.Length, own.Length)), own);
            cells.AddRange(scores.Select((score, row) => ((row / prompts.Length, layer), score)));
        }

        return cells;
    }
}

/// <summary>One pair of layers of a <see cref="LayerGrid"/>.</summary>
/// <param name="SourceLayer">The 0-based block that the residuals came from.</param>
/// <param name="TargetLayer">The 0-based block where they were put.</param>
/// <param name="PrecisionAt1">Share of prompts whose own next token is the patched run's most probable one.</param>
/// <param name="Surprisal">Mean <c>-ln p_patched(the model's own next token)</c>, in nats.</param>
public sealed record LayerGridCell(int SourceLayer, int TargetLayer, Interval PrecisionAt1, Interval Surprisal);
