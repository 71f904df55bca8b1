using Logitscope.Charts;
using Logitscope.Models;

namespace Logitscope.Patching;

/// <summary>What a target says next for every pair of source and target layer.</summary>
/// <param name="Cells">One a pair.</param>
/// <param name="Source">The source prompt as shown, and the position.</param>
/// <param name="Target">The target prompt as shown, and the position.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record PatchGrid(IReadOnlyList<LayerPair> Cells, string Source, string Target) : IDisplay
{
    private const int Shown = 5;

    /// <summary>Runs a Patchscope at every pair of layers; the layers that it names itself do not matter.</summary>
    /// <param name="patchscope">Prompts, positions, sites and mapping.</param>
    /// <returns>One cell a pair.</returns>
    /// <exception cref="LogitscopeException">A position or a size does not fit.</exception>
    public static PatchGrid Run(Patchscope patchscope)
    {
        var (source, target) = (patchscope.Source, patchscope.Target);
        using var scope = NewDisposeScope();
        var residuals = ReadEveryLayer(source, patchscope.Mapping); // [source layers, hidden]
        var ids = target.Prompt.ToTensor().expand(source.Model.Layers, -1);
        var position = target.Prompt.ResolvePosition(target.Position);
        var cells = new List<LayerPair>();
        for (var layer = 0; layer < target.Model.Layers; layer++)
        {
            using var run = NewDisposeScope();
            var edit = new Edit(new Hook(layer, target.Site), position, residuals);
            var logits = target.Model.Forward(ids, new() { Edits = [edit], Logits = LogitsOf.LastPosition }).Logits;
            for (var sourceLayer = 0; sourceLayer < source.Model.Layers; sourceLayer++)
            {
                var next = new NextTokenDistribution(logits.select(0, sourceLayer).squeeze(0), target.Prompt.Tokenizer);
                cells.Add(new LayerPair(sourceLayer, layer, next.Top(Shown), next.Entropy));
            }
        }

        return new PatchGrid(
            cells,
            $"{source.Prompt} at {source.Prompt.ResolvePosition(source.Position)}",
            $"{target.Prompt} at {position}");
    }

    /// <summary>The heat map: colour is the probability of the top token, text the token.</summary>
    /// <returns>The figure.</returns>
    public Figure Chart() => PatchHeatMap.Draw(
        Cells.Select(cell => new PatchReading(cell.SourceLayer, cell.TargetLayer, cell.Top.ToPrediction(cell.Entropy))),
        subtitle: $"{Source} into {Target}");

    /// <inheritdoc/>
    public string ToHtml() => Chart().ToHtml();

    /// <inheritdoc/>
    public string ToText() => Chart().ToText();

    private static Tensor ReadEveryLayer(Source source, Mapping mapping)
    {
        Hook[] hooks = [.. Enumerable.Range(0, source.Model.Layers).Select(layer => new Hook(layer, source.Site))];
        var run = source.Model.Forward(source.Prompt.ToTensor(), new() { Keep = hooks, Logits = LogitsOf.NoPosition });
        var position = source.Prompt.ResolvePosition(source.Position);
        return mapping.Apply(cat([.. hooks.Select(hook => run.Residuals[hook].select(1, position))]));
    }
}
