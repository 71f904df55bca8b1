using Logitscope.Metrics;
using Logitscope.Models;
using Logitscope.Techniques.NextToken;
using Logitscope.Tokenizers;

namespace Logitscope.Sweeps;

/// <summary>
/// Runs one batch of a plan: the source once for all methods and layers; of a target prompt only what the patch can
/// change, which is its last token above the patched layer. The rest is computed once for the whole sweep.
/// </summary>
/// <param name="plan">What to run.</param>
internal sealed class SweepEngine(SweepPlan plan) : IDisposable
{
    private readonly Dictionary<string, KeyValueCache> _prefixes = [];
    private readonly Hook[] _hooks =
        [.. Enumerable.Range(0, plan.Model.Layers).Select(layer => new Hook(layer, Site.ResidPost))];

    private LanguageModel Model => plan.Model;

    /// <summary>All cells of a batch: by method, then layer, then prompt.</summary>
    public IReadOnlyList<SweepRow> Run(int block, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var (first, count) = plan.PromptsOf(block).GetOffsetAndLength(plan.Prompts.Count);
        var prompts = Enumerable.Range(first, count).ToArray();
        var ids = prompts.Select(prompt => plan.Prompts[prompt]).ToArray().ToTensor(); // [n, longest]
        var source = Model.Forward(ids, new() { Keep = _hooks, Logits = LogitsOf.NoPosition });
        var rows = new List<SweepRow>(count * plan.CellsPerPrompt);
        for (var method = 0; method < plan.Options.Techniques.Count; method++)
        {
            var technique = plan.Options.Techniques[method];
            for (var layer = 0; layer < Model.Layers; layer++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var cell = NewDisposeScope();
                var positions = prompts.Select(prompt => plan.PositionOf(method, layer, prompt)).ToArray();
                var own = Model.Unembed(source.Residuals[_hooks[^1]].AtPositions(positions)); // [n, vocab]
                var residual = source.Residuals[_hooks[layer]].AtPositions(positions); // [n, hidden]
                var patched = Read(technique.ReadingOf(Model, layer), residual, ids, positions); // [n, vocab]
                rows.AddRange(NextTokenScore.Compare(own, patched).Select(
                    (score, i) => new SweepRow(technique.Name, layer, prompts[i], positions[i], score)));
            }
        }

        return rows;
    }

    private Tensor Read(Reading reading, Tensor residual, Tensor source, int[] positions) => reading switch
    {
        Reading.InSource { TargetLayer: var layer } => ReadInSource(residual, source, positions, layer),
        Reading.InPrompt { Target: var target, TargetLayer: var layer } =>
            ReadInPrompt(residual, PrefixOf(target), layer),
        _ => Model.Unembed(residual),
    };

    private Tensor ReadInPrompt(Tensor residual, KeyValueCache prefix, int layer)
    {
        using var cache = prefix.Expand(residual.size(0));
        var last = residual.unsqueeze(1); // [n, 1, hidden]: resid_post of the layer at the target's last token
        for (var above = layer + 1; above < Model.Layers; above++)
        {
            last = Model.RunBlock(above, last, cache);
        }

        return Model.Unembed(last).squeeze(1);
    }

    private KeyValueCache PrefixOf(Prompt target)
    {
        var key = string.Join(' ', target.Ids);
        if (!_prefixes.TryGetValue(key, out var prefix))
        {
            using var scope = NewDisposeScope();
            prefix = new KeyValueCache();
            _prefixes.Add(key, prefix);
            if (target.Count > 1)
            {
                var ids = target.ToTensor().narrow(1, 0, target.Count - 1);
                Model.Forward(ids, new() { Cache = prefix, Logits = LogitsOf.NoPosition });
            }
        }

        return prefix;
    }

    // Every prompt is patched at a position of its own, so each is a run of its own.
    private Tensor ReadInSource(Tensor residual, Tensor source, int[] positions, int layer) =>
        cat([.. positions.Select((position, row) =>
        {
            var edit = new Edit(new Hook(layer, Site.ResidPost), position, residual.narrow(0, row, 1));
            var ids = source.narrow(0, row, 1).narrow(1, 0, position + 1);
            return Model.Forward(ids, new() { Edits = [edit], Logits = LogitsOf.LastPosition }).Logits.squeeze(1);
        })]);

    /// <summary>Frees the prefixes.</summary>
    public void Dispose()
    {
        foreach (var prefix in _prefixes.Values)
        {
            prefix.Dispose();
        }
    }
}
