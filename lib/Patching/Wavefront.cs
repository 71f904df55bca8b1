namespace Logitscope;

/// <summary>
/// Many patches into one prompt at one position, in one walk up the layers. What a patch cannot change, the tokens
/// before it and the layers below it, is computed once for all of them; each patch joins the batch at its own layer.
/// </summary>
/// <param name="model">The target model M*.</param>
/// <param name="target">The target prompt T.</param>
/// <param name="position">The token i*; <c>^1</c> is the last.</param>
/// <exception cref="PositionException">The prompt has no such position.</exception>
public sealed class Wavefront(LanguageModel model, Prompt target, Index position) : IDisposable
{
    private readonly int _position = target.ResolvePosition(position);
    private Unpatched? _unpatched;

    // The patched token and those after it.
    private int Tokens => target.Count - _position;

    /// <summary>Runs patches to the top.</summary>
    /// <param name="patches">What goes in, and where.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>
    /// resid_post of the last block at the target's last token, <c>[rows, hidden]</c>: the rows of the patches in their order.
    /// </returns>
    /// <exception cref="LogitscopeException">A layer or a width is not the model's, or the prompt exceeds its context.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Tensor Run(IReadOnlyList<LayerPatch> patches, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var (last, places) = Climb(patches, branch: null, cancellation);
        return last.index_select(0, tensor(places, device: model.Device)).MoveToOuterDisposeScope();
    }

    /// <summary>Runs patches to the top and continues each greedily.</summary>
    /// <param name="patches">What goes in, and where.</param>
    /// <param name="maxNewTokens">How many tokens at most; at least 1.</param>
    /// <param name="stopId">A token that ends a text, such as the tokenizer's EOS; it is the last of its ids.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The new ids of each row, in the order of the patches.</returns>
    /// <exception cref="LogitscopeException">As <see cref="Run"/>; or the new tokens exceed the context.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<IReadOnlyList<int>> Continue(
        IReadOnlyList<LayerPatch> patches, int maxNewTokens, int? stopId, CancellationToken cancellation = default)
    {
        var room = model.ContextLength - target.Count;
        if (maxNewTokens < 1 || maxNewTokens > room)
        {
            throw new ModelException($"new tokens: expected 1 to {room} after {target.Count}, got {maxNewTokens}");
        }

        using var scope = NewDisposeScope();
        using var branch = BelowThePatch.Trunk.Branch();
        var (last, places) = Climb(patches, branch, cancellation);
        var texts = Enumerable.Range(0, (int)last.size(0)).Select(_ => new List<int>()).ToArray();
        var logits = model.Unembed(last);
        RequireFinite(logits, patches, places);
        while (true)
        {
            using var step = NewDisposeScope();
            var next = logits.argmax(-1); // [rows]
            foreach (var (row, id) in next.cpu().data<long>().ToArray().Index().Where(next => !HasEnded(texts[next.Index])))
            {
                texts[row].Add((int)id);
            }

            cancellation.ThrowIfCancellationRequested();
            if (texts.All(HasEnded))
            {
                return [.. places.Select(place => texts[place])];
            }

            var run = model.Forward(next.unsqueeze(1), new() { Cache = branch, Logits = LogitsOf.LastPosition });
            logits.Dispose();
            logits = run.Logits.squeeze(1).MoveToOuterDisposeScope();
        }

        bool HasEnded(List<int> text) => text.Count == maxNewTokens || (text.Count > 0 && text[^1] == stopId);
    }

    private static void RequireFinite(Tensor logits, IReadOnlyList<LayerPatch> patches, long[] places)
    {
        try
        {
            Distributions.RequireFinite(logits.amax([-1]));
        }
        catch (NonFiniteException error)
        {
            var hooks = patches.SelectMany(patch => Enumerable.Repeat(patch.Hook, (int)patch.Residuals.size(0))).ToArray();
            var row = Array.IndexOf(places, error.Row);
            throw new PatchException($"logits of the patch at {hooks[row]}, row {row}: expected finite numbers, got {error.Number}");
        }
    }

    /// <summary>Frees what was computed once.</summary>
    public void Dispose()
    {
        _unpatched?.Dispose();
        _unpatched = null;
    }

    // Run on first use: patches of the last block's output at the last token need nothing of it.
    private Unpatched BelowThePatch => _unpatched ??= new Unpatched(model, target, _position);

    // The lower a patch, the earlier its rows: beside them, the place of each row in the order given. A branch ends with
    // the keys and values of every row at every layer.
    private (Tensor Last, long[] Places) Climb(IReadOnlyList<LayerPatch> patches, KeyValueCache? branch, CancellationToken cancellation)
    {
        Check(patches);
        using var scope = NewDisposeScope();
        var order = patches.Index().OrderBy(patch => patch.Item.After).ToArray();
        var total = (int)patches.Sum(patch => patch.Residuals.size(0));
        var joined = 0;
        var rows = Join(-1, above: null);
        for (var layer = 0; layer < model.Layers; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var block = NewDisposeScope();
            var below = rows;
            if (below is not null)
            {
                using var own = branch is null ? BelowThePatch.Trunk.Branch() : null;
                rows = model.RunBlock(layer, below, new Pass(branch ?? own));
            }

            if (total - (int)(below?.size(0) ?? 0) is > 0 and var unpatched)
            {
                branch?.AppendSequences(layer, BelowThePatch.FromThePatch, unpatched);
            }

            rows = Join(layer, rows)?.MoveToOuterDisposeScope();
            below?.Dispose();
        }

        branch?.Advance(Tokens);
        return (rows!.select(1, Tokens - 1).MoveToOuterDisposeScope(), Places());

        Tensor? Join(int layer, Tensor? above)
        {
            var parts = above is null ? [] : new List<Tensor> { above };
            for (; joined < order.Length && order[joined].Item.After == layer; joined++)
            {
                parts.Add(WithTokensAfter(layer, order[joined].Item.Residuals.to(model.Dtype, model.Device)));
            }

            return parts.Count > 1 ? cat(parts) : parts.SingleOrDefault();
        }

        long[] Places()
        {
            var starts = new long[order.Length];
            var start = 0L;
            foreach (var (index, patch) in order)
            {
                starts[index] = start;
                start += patch.Residuals.size(0);
            }

            return [.. patches.SelectMany((patch, i) => Enumerable.Range(0, (int)patch.Residuals.size(0)).Select(row => starts[i] + row))];
        }
    }

    // [n, hidden] -> [n, tokens, hidden]: the tokens after a patch are as unpatched, up to its layer.
    private Tensor WithTokensAfter(int layer, Tensor residuals)
    {
        var patched = residuals.unsqueeze(1);
        return Tokens == 1 ? patched : cat([patched, BelowThePatch.TokensAfter(layer).expand(residuals.size(0), -1, -1)], dim: 1);
    }

    private void Check(IReadOnlyList<LayerPatch> patches)
    {
        foreach (var residuals in patches.Select(patch => patch.Residuals))
        {
            if (residuals.IsInvalid || residuals.Dimensions != 2 || residuals.size(1) != model.HiddenSize || !residuals.is_floating_point())
            {
                throw new PatchException(
                    $"residuals for the target: expected floating-point numbers [n, {model.HiddenSize}], "
                    + $"got {TorchRuntime.Describe(residuals)}; models of different width need a mapping between them");
            }
        }

        if (patches.Sum(patch => patch.Residuals.size(0)) == 0)
        {
            throw new PatchException("patches: expected at least one residual, got none");
        }

        foreach (var patch in patches)
        {
            model.CheckHook(patch.Hook);
            _ = patch.After;
        }
    }

    private sealed class Unpatched : IDisposable
    {
        private readonly KeyValueCache _all = new();
        private readonly Tensor[] _after = []; // [1, tokens after the patch, hidden]: the embedding, then each block's output

        public Unpatched(LanguageModel model, Prompt target, int position)
        {
            using var scope = NewDisposeScope();
            var after = target.Count - position - 1;
            Hook[] hooks =
                [new(0, Site.ResidPre), .. Enumerable.Range(0, model.Layers).Select(layer => new Hook(layer, Site.ResidPost))];
            var run = model.Forward(
                target.ToTensor(), new() { Cache = _all, Keep = after > 0 ? hooks : [], Logits = LogitsOf.NoPosition });
            Trunk = _all.Slice(0, position);
            FromThePatch = _all.Slice(position, after + 1);
            if (after > 0)
            {
                _after =
                [
                    .. hooks.Select(hook =>
                        run.Residuals[hook].narrow(1, position + 1, after).clone().DetachFromDisposeScope()),
                ];
            }
        }

        public KeyValueCache Trunk { get; }

        public KeyValueCache FromThePatch { get; }

        public Tensor TokensAfter(int layer) => _after[layer + 1];

        public void Dispose()
        {
            foreach (var tensor in _after)
            {
                tensor.Dispose();
            }

            Trunk.Dispose();
            FromThePatch.Dispose();
            _all.Dispose();
        }
    }
}

/// <summary>Residuals that go into one layer of a <see cref="Wavefront"/>, each a run of its own.</summary>
/// <param name="Hook">Where they go.</param>
/// <param name="Residuals"><c>[n, hidden]</c>, of the target model's width.</param>
public sealed record LayerPatch(Hook Hook, Tensor Residuals)
{
    /// <summary>The block after which they stand in the residual stream; -1 for the embedding.</summary>
    /// <exception cref="PatchException">They stand within a block, where no row can join the others.</exception>
    internal int After => Hook.Site switch
    {
        Site.ResidPre => Hook.Layer - 1,
        Site.ResidPost => Hook.Layer,
        Site.AttnOut or Site.ResidMid or Site.MlpOut or Site.HeadOut or Site.Scores or Site.Pattern => throw new PatchException(
            $"a patch at {Hook}: expected resid_pre or resid_post, between two blocks; a single Patchscope patches within one"),
        _ => throw Sites.Unknown(Hook.Site),
    };
}
