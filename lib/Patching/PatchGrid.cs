namespace Logitscope;

/// <summary>What a target says next for every pair of source and target layer.</summary>
/// <param name="Cells">One a pair.</param>
/// <param name="Source">The source prompt as shown, and the position.</param>
/// <param name="Target">The target prompt as shown, and the position.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record PatchGrid(IReadOnlyList<LayerPair> Cells, string Source, string Target) : IDisplay
{
    private const int Shown = 5;

    /// <summary>Runs a Patchscope at every pair of layers; the layers that it names itself do not matter.</summary>
    /// <param name="patchscope">Prompts, positions, sites, mapping, and how far to continue.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>One cell a pair.</returns>
    /// <exception cref="LogitscopeException">A position or a size does not fit.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static PatchGrid Run(Patchscope patchscope, CancellationToken cancellation = default)
    {
        var (source, target) = (patchscope.Source, patchscope.Target);
        using var scope = NewDisposeScope();
        var (from, to) = (EveryLayer(source.Model, source.Site), EveryLayer(target.Model, target.Site));
        var place = new Place(0, source.Prompt.ResolvePosition(source.Position));
        HeadOf.Check(source.Model, new(0, source.Site), source.Head);
        HeadOf.Check(target.Model, new(0, target.Site), target.Head);
        using var run = SourceRun.Read(source.Model, [source.Prompt], [place], cancellation, source.Site);
        var residuals = patchscope.Mapping.Run(cat([.. from.Select(run.At)]), target.Model); // [source layers, hidden]
        using var wavefront = new Wavefront(target.Model, target.Prompt, target.Position);
        LayerPatch[] patches = [.. to.Select(hook => new LayerPatch(hook, residuals))];
        var last = wavefront.Run(patches, cancellation); // by target layer, then source layer
        var generated = target.MaxNewTokens == 0
            ? null
            : wavefront.Continue(patches, target.MaxNewTokens, target.Prompt.Tokenizer.EosId, cancellation);
        return new PatchGrid(
            [.. to.SelectMany(hook => ReadLayer(hook.Layer))],
            $"{source.Prompt} at {place.Position}",
            $"{target.Prompt} at {target.Prompt.ResolvePosition(target.Position)}");

        IEnumerable<LayerPair> ReadLayer(int targetLayer)
        {
            using var layer = NewDisposeScope();
            var logits = target.Model.Unembed(last.narrow(0, (long)targetLayer * from.Length, from.Length));
            foreach (var hook in from)
            {
                var next = NextTokenDistribution.Of(
                    logits.select(0, hook.Layer), target.Prompt.Tokenizer, $"source layer {hook.Layer} into target layer {targetLayer}");
                var ids = generated?[(targetLayer * from.Length) + hook.Layer] ?? [];
                yield return new LayerPair(
                    hook.Layer, targetLayer, next.Top(Shown), next.Entropy, ids, target.Prompt.Tokenizer.Words(ids));
            }
        }
    }

    /// <summary>The heat map: colour is the probability of the top token, text the token.</summary>
    /// <returns>The figure.</returns>
    public ChartFigure Chart() => PatchHeatMap.Draw(
        Cells.Select(cell => new PatchReading(cell.SourceLayer, cell.TargetLayer, cell.Top.ToPrediction(cell.Entropy))),
        subtitle: $"{Source} into {Target}");

    /// <inheritdoc/>
    public string ToHtml() => Chart().ToHtml();

    /// <inheritdoc/>
    public string ToText() => Chart().ToText();

    private static Hook[] EveryLayer(LanguageModel model, Site site) =>
        [.. Enumerable.Range(0, model.Layers).Select(layer => new Hook(layer, site))];
}

/// <summary>One cell of a <see cref="PatchGrid"/>.</summary>
/// <param name="SourceLayer">The 0-based block that the residual came from.</param>
/// <param name="TargetLayer">The 0-based block where it was put.</param>
/// <param name="Top">The most probable tokens after the target prompt, most probable first.</param>
/// <param name="Entropy">Of the whole distribution, in nats.</param>
/// <param name="GeneratedIds">The greedy continuation; empty where none was asked for.</param>
/// <param name="GeneratedText">The same in words.</param>
public sealed record LayerPair(
    int SourceLayer,
    int TargetLayer,
    IReadOnlyList<TokenProbability> Top,
    double Entropy,
    IReadOnlyList<int> GeneratedIds,
    string GeneratedText);
