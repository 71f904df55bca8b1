namespace Logitscope;

/// <summary>
/// The residuals of many tokens at every layer, from one pass over their prompts, which ends at the last token read:
/// later ones cannot matter.
/// </summary>
public sealed class SourceRun : IDisposable
{
    // [places, hidden]. The input of a block above the first is the output of the one below.
    private readonly IReadOnlyDictionary<Hook, Tensor> _residuals;

    private readonly LanguageModel _model;

    private SourceRun(LanguageModel model, IReadOnlyList<Place> places, IReadOnlyDictionary<Hook, Tensor> residuals) =>
        (_model, Places, _residuals) = (model, places, residuals);

    /// <summary>The tokens that were read.</summary>
    public IReadOnlyList<Place> Places { get; }

    /// <summary>Runs the source model once over each prompt.</summary>
    /// <param name="model">The source model M.</param>
    /// <param name="prompts">The source prompts S; those of like length waste least.</param>
    /// <param name="places">The tokens to read; at least one.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <param name="sites">What to read beside input and output of each block: other sites of the residual stream's width.</param>
    /// <returns>The residuals, in the order of the places.</returns>
    /// <exception cref="ModelException">A prompt exceeds the context, the model was disposed or has no such site.</exception>
    /// <exception cref="PatchException">There is no place, or one is of no prompt; or a site has another width.</exception>
    /// <exception cref="PositionException">A prompt has no such position.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SourceRun Read(
        LanguageModel model,
        IReadOnlyList<Prompt> prompts,
        IReadOnlyList<Place> places,
        CancellationToken cancellation = default,
        params IReadOnlyCollection<Site> sites)
    {
        using var scope = NewDisposeScope();
        places = Checked(prompts, places);
        CheckSites(model, sites);
        var length = places.Max(place => place.Position) + 1;
        model.CheckLength(length);
        var ids = prompts.ToTensor().narrow(1, 0, length);
        var together = PromptsTogether(model, length);
        var groups = places.Index().GroupBy(place => place.Item.Prompt / together).ToArray();
        var residuals = Kept(model, sites).ToDictionary(
            hook => hook, _ => empty([places.Count, model.HiddenSize], model.Dtype, model.Device));
        var read = 0;
        foreach (var group in groups)
        {
            using var pass = NewDisposeScope();
            var first = group.Key * together;
            var some = ids.narrow(0, first, Math.Min(together, prompts.Count - first));
            model.CheckIds(some);
            long[] rows = [.. group.Select(place => ((place.Item.Prompt - (long)first) * length) + place.Item.Position)];
            var into = residuals.ToDictionary(kept => kept.Key, kept => kept.Value.narrow(0, read, rows.Length));
            Climb(model, some, tensor(rows, device: model.Device), into, cancellation);
            read += rows.Length;
        }

        var back = new long[places.Count];
        foreach (var (row, place) in groups.SelectMany(group => group).Index())
        {
            back[place.Index] = row;
        }

        var order = tensor(back, device: model.Device);
        return new SourceRun(model, places, residuals.ToDictionary(
            kept => kept.Key, kept => kept.Value.index_select(0, order).DetachFromDisposeScope()));
    }

    /// <summary>Reads one token of each prompt.</summary>
    /// <param name="model">The source model M.</param>
    /// <param name="prompts">The source prompts S.</param>
    /// <param name="position">The token of each; <c>^1</c> is its last.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <param name="sites">As above.</param>
    /// <returns>The residuals, in the order of the prompts.</returns>
    /// <inheritdoc cref="Read(LanguageModel, IReadOnlyList{Prompt}, IReadOnlyList{Place}, CancellationToken, IReadOnlyCollection{Site})" path="/exception"/>
    public static SourceRun Read(
        LanguageModel model,
        IReadOnlyList<Prompt> prompts,
        Index position,
        CancellationToken cancellation = default,
        params IReadOnlyCollection<Site> sites) =>
        Read(model, prompts, [.. prompts.Select((prompt, number) => new Place(number, prompt.ResolvePosition(position)))], cancellation, sites);

    /// <summary>The same, with a signed position: -1 is the last.</summary>
    /// <inheritdoc cref="Read(LanguageModel, IReadOnlyList{Prompt}, Index, CancellationToken, IReadOnlyCollection{Site})"/>
    public static SourceRun Read(
        LanguageModel model,
        IReadOnlyList<Prompt> prompts,
        int position,
        CancellationToken cancellation = default,
        params IReadOnlyCollection<Site> sites) =>
        Read(model, prompts, Prompt.Signed(position), cancellation, sites);

    /// <summary>How many prompts go through a block together.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="length">Tokens of the longest, as far as it is read.</param>
    /// <returns>At least one.</returns>
    internal static int PromptsTogether(LanguageModel model, int length) => Math.Max(1, model.TokensToRun / length);

    /// <summary>The residuals of one layer.</summary>
    /// <param name="hook">The layer, and where in it.</param>
    /// <returns><c>[places, hidden]</c>; it lives as long as the run.</returns>
    /// <exception cref="ModelException">The model has no such layer, or it was not read.</exception>
    public Tensor At(Hook hook)
    {
        _model.CheckHook(hook);
        var kept = hook is { Site: Site.ResidPre, Layer: > 0 } ? new Hook(hook.Layer - 1, Site.ResidPost) : hook;
        return _residuals.TryGetValue(kept, out var residual)
            ? residual
            : throw new ModelException($"{hook}: expected a site that SourceRun.Read names, resid_pre or resid_post, got {hook.Site.Name()}");
    }

    /// <summary>The residuals of all layers.</summary>
    /// <param name="site">Where in them.</param>
    /// <returns><c>[places, layers, hidden]</c>, the caller's.</returns>
    /// <exception cref="ModelException">It was not read.</exception>
    public Tensor Stack(Site site = Site.ResidPost) =>
        stack([.. Enumerable.Range(0, _model.Layers).Select(layer => At(new(layer, site)))], dim: 1);

    /// <summary>The last block's output, from which the model itself predicts.</summary>
    /// <returns><c>[places, hidden]</c>; it lives as long as the run.</returns>
    public Tensor Last() => At(new(_model.Layers - 1, Site.ResidPost));

    /// <summary>Frees the residuals.</summary>
    public void Dispose()
    {
        foreach (var residual in _residuals.Values)
        {
            residual.Dispose();
        }
    }

    private static void CheckSites(LanguageModel model, IReadOnlyCollection<Site> sites)
    {
        foreach (var site in sites)
        {
            model.CheckHook(new(0, site));
            if (!site.HasHidden())
            {
                throw new PatchException(
                    $"{site.Name()}: expected a site of one vector a token, as wide as the residual stream; LanguageModel.Forward keeps the others");
            }
        }
    }

    // Counted from the start; a prompt's own length decides, not that of the longest beside it.
    private static Place[] Checked(IReadOnlyList<Prompt> prompts, IReadOnlyList<Place> places)
    {
        if (places.Count == 0)
        {
            throw new PatchException("places: expected at least one, got none");
        }

        return
        [
            .. places.Select(place => place.Prompt >= 0 && place.Prompt < prompts.Count
                ? place with { Position = prompts[place.Prompt].ResolvePosition(place.Position) }
                : throw new PatchException($"a place: expected one of {prompts.Count} prompts, got number {place.Prompt}")),
        ];
    }

    private static IEnumerable<Hook> Kept(LanguageModel model, IReadOnlyCollection<Site> sites) =>
    [
        new(0, Site.ResidPre),
        .. Enumerable.Range(0, model.Layers).SelectMany(layer =>
            sites.Append(Site.ResidPost).Where(site => site != Site.ResidPre).Distinct().Select(site => new Hook(layer, site))),
    ];

    // One pass up the layers: the rows of the flattened [prompt, position]. They go into memory that is there already: small
    // tensors made between a block's large ones would hold the heap apart.
    private static void Climb(
        LanguageModel model, Tensor ids, Tensor rows, Dictionary<Hook, Tensor> into, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        model.Climb(ids, new Pass(visit: Keep), cancellation);

        Tensor Keep(Hook hook, Tensor value)
        {
            if (into.TryGetValue(hook, out var kept))
            {
                using var read = NewDisposeScope();
                kept.copy_(value.reshape(-1, model.HiddenSize).index_select(0, rows));
            }

            return value;
        }
    }
}

/// <summary>A token of one of several prompts.</summary>
/// <param name="Prompt">The 0-based number of the prompt.</param>
/// <param name="Position">0-based, BOS counted; a negative one counts from the end of the prompt.</param>
public readonly record struct Place(int Prompt, int Position);
