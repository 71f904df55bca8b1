namespace Logitscope;

/// <summary>
/// How well a residual of each source layer, patched into each layer of a target prompt, foretells the source model's own next
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
        LanguageModel model, IReadOnlyList<Prompt> prompts, Prompt target, Index? position = null, CancellationToken cancellation = default) =>
        Run(model, model, prompts, prompts, (_, _) => Mapping.Identity, target, position ?? ^1, cancellation);

    /// <summary>The same from one model into another.</summary>
    /// <param name="source">The source model M, whose own next token is asked for.</param>
    /// <param name="target">The target model M*.</param>
    /// <param name="prompts">The source prompts S.</param>
    /// <param name="read">The prompts whose residuals are patched: S, or others as a control.</param>
    /// <param name="map">f of a source and a target layer.</param>
    /// <param name="into">T, whose last token is replaced; null: T = S up to the position, i* = i.</param>
    /// <param name="position">The token i of S.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    internal static LayerGrid Run(
        LanguageModel source, LanguageModel target, IReadOnlyList<Prompt> prompts, IReadOnlyList<Prompt> read, Func<int, int, Mapping> map,
        Prompt? into, Index position, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var shared = into is null ? null : new Wavefront(target, into, ^1);
        var scores = prompts.Zip(read).Chunk(into is null ? 1 : Math.Max(1, target.TokensToRun / (source.Layers * target.Layers))).SelectMany(some =>
        {
            using var own = into is null ? new Wavefront(target, some[0].First.Truncate(some[0].First.ResolvePosition(position) + 1), ^1) : null;
            return Read(source, target, [.. some.Select(pair => pair.First)], [.. some.Select(pair => pair.Second)], map, shared ?? own!, position, cancellation);
        }).ToLookup(cell => cell.Pair, cell => cell.Score);
        return new LayerGrid(
            [.. scores.OrderBy(pair => pair.Key).Select(pair => LayerGridCell.Of(pair.Key.Source, pair.Key.Target, [.. pair]))],
            prompts.Count,
            into is null ? "its own prompt" : $"{into} at {into.Count - 1}");
    }

    /// <summary>The heat map: colour and number are precision@1.</summary>
    /// <returns>The figure.</returns>
    public ChartFigure Chart()
    {
        return new HeatFigure
        {
            Title = "How often a patched residual gives away the model's next token",
            Subtitle = $"{Prompts} prompts into {Target}",
            Columns = new("target layer (resid_post, 0-based)", Layers(cell => cell.TargetLayer)),
            Rows = new("source layer (resid_post, 0-based)", Layers(cell => cell.SourceLayer)),
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

        HeatLabel[] Layers(Func<LayerGridCell, int> layer) => [.. Enumerable.Range(0, Cells.Max(layer) + 1).Select(number => new HeatLabel($"{number}"))];
    }

    /// <inheritdoc/>
    public string ToHtml() => Chart().ToHtml();

    /// <inheritdoc/>
    public string ToText() => Chart().ToText();

    // By target layer, then source layer, then prompt: all residuals go into each layer, in one climb.
    private static List<((int Source, int Target) Pair, NextTokenScore Score)> Read(
        LanguageModel model, LanguageModel target, Prompt[] prompts, Prompt[] read, Func<int, int, Mapping> map, Wavefront wavefront, Index position,
        CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var asked = SourceRun.Read(model, prompts, position, cancellation);
        using var given = prompts.SequenceEqual(read) ? null : SourceRun.Read(model, read, position, cancellation);
        using var scorer = new NextTokenScorer(model.Unembed(asked.Last()));
        var last = wavefront.Run(
            [
                .. Enumerable.Range(0, target.Layers).Select(into => new LayerPatch(new(into, Site.ResidPost), cat(
                    [.. Enumerable.Range(0, model.Layers).Select(layer => map(layer, into).Run((given ?? asked).At(new(layer, Site.ResidPost)), target))]))),
            ],
            cancellation);
        var rows = model.Layers * prompts.Length;
        int[] own = [.. Enumerable.Range(0, rows).Select(row => row % prompts.Length)];
        var cells = new List<((int Source, int Target) Pair, NextTokenScore Score)>();
        for (var layer = 0; layer < target.Layers; layer++)
        {
            var scores = scorer.Score(target.Unembed(last.narrow(0, (long)layer * rows, rows)), own);
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
/// <param name="SurprisalPaper">Mean <c>-ln p_source(the patched run's most probable token)</c>, in nats: the direction of the Patchscopes paper.</param>
public sealed record LayerGridCell(int SourceLayer, int TargetLayer, Interval PrecisionAt1, Interval Surprisal, Interval SurprisalPaper)
{
    /// <summary>Means of scores.</summary>
    internal static LayerGridCell Of(int source, int target, IReadOnlyList<NextTokenScore> scores) => new(
        source,
        target,
        new Sample([.. scores.Select(score => (double)score.PrecisionAt1)]).Share(),
        new Sample([.. scores.Select(score => score.Surprisal)]).Hall().Within(0, double.PositiveInfinity),
        new Sample([.. scores.Select(score => score.SurprisalPaper)]).Hall().Within(0, double.PositiveInfinity));
}
