namespace Logitscope;

/// <summary>
/// A change to one place of the model during a forward pass: at all positions, heads and keys unless it says which. It makes
/// a new tensor, through which gradients flow, back into its own value too.
/// </summary>
public sealed record Edit
{
    private readonly Func<Tensor, Tensor> _change;

    /// <summary>A change by a function.</summary>
    /// <param name="hook">Where.</param>
    /// <param name="change">
    /// Gets a copy of the part that is edited, <c>[batch, position, hidden]</c> or as the site's shape is, with as many
    /// positions, heads and keys as the edit names; gives as many numbers back. It runs once a pass, and again to find where
    /// numbers cease to be finite.
    /// </param>
    /// <param name="position">The token, cached ones counted; <c>^1</c> is the last; null: all.</param>
    /// <example><c>new Edit(new(3, Site.MlpOut), mlp => mlp * 0)</c> ablates an MLP.</example>
    public Edit(Hook hook, Func<Tensor, Tensor> change, Index? position = null)
    {
        (Hook, _change, Name) = (hook, change, "change");
        Positions = position is { } one ? [one] : null;
    }

    /// <summary>A patch: a vector that replaces the model's own.</summary>
    /// <param name="hook">Where.</param>
    /// <param name="position">The token, cached ones counted; a negative one counts from the end.</param>
    /// <param name="value">As <see cref="Replace"/> takes it.</param>
    public Edit(Hook hook, int position, Tensor value)
        : this(hook, own => Spread(value, own, hook, "replace"), Prompt.Signed(position)) => Name = "replace";

    /// <summary>Where.</summary>
    public Hook Hook { get; }

    /// <summary>What it is called in messages.</summary>
    public string Name { get; init; }

    /// <summary>The tokens, cached ones counted; of scores and patterns, the queries. Null: all of the pass.</summary>
    public IReadOnlyList<Index>? Positions { get; init; }

    /// <summary>The heads, 0-based, of a site that has heads. Null: all.</summary>
    public IReadOnlyList<int>? Heads { get; init; }

    /// <summary>The tokens attended to, cached ones counted, of scores and patterns. Null: all.</summary>
    public IReadOnlyList<Index>? Keys { get; init; }

    /// <summary>Puts something in the place of the model's own: patching.</summary>
    /// <param name="hook">Where.</param>
    /// <param name="value">
    /// One vector for all, <c>[hidden]</c>; one a row of the batch, <c>[batch, hidden]</c>; or the whole part that is edited,
    /// <c>[batch, position, hidden]</c>. Of heads the last is <c>head_dim</c>, and <c>[batch, head, head_dim]</c> does too.
    /// </param>
    /// <param name="position">The token; null: all.</param>
    /// <returns>The edit.</returns>
    public static Edit Replace(Hook hook, Tensor value, Index? position = null) =>
        new(hook, own => Spread(value, own, hook, "replace"), position) { Name = "replace" };

    /// <summary>Adds something: steering.</summary>
    /// <param name="hook">Where.</param>
    /// <param name="value">As <see cref="Replace"/> takes it.</param>
    /// <param name="position">The token; null: all.</param>
    /// <returns>The edit.</returns>
    public static Edit Add(Hook hook, Tensor value, Index? position = null) =>
        new(hook, own => own + Spread(value, own, hook, "add"), position) { Name = "add" };

    /// <summary>Multiplies; 0 ablates.</summary>
    /// <param name="hook">Where.</param>
    /// <param name="factor">By this.</param>
    /// <param name="position">The token; null: all.</param>
    /// <returns>The edit.</returns>
    public static Edit Scale(Hook hook, double factor, Index? position = null) =>
        new(hook, own => own * factor, position) { Name = $"scale by {factor}" };

    /// <summary>
    /// Blocks attention edges before the softmax, so that the rest shares the attention. Geva et al., arXiv 2304.14767.
    /// </summary>
    /// <param name="layer">0-based block.</param>
    /// <param name="keys">The tokens that are no longer attended to.</param>
    /// <param name="query">The token that attends; null: all.</param>
    /// <returns>The edit, for all heads unless <see cref="Heads"/> says which. A query that sees nothing is told as not finite.</returns>
    public static Edit Block(int layer, IReadOnlyList<Index> keys, Index? query = null) =>
        new(new(layer, Site.Scores), scores => full_like(scores, double.NegativeInfinity), query) { Name = "block", Keys = keys };

    /// <inheritdoc/>
    public override string ToString() => $"edit '{Name}' at {Hook}";

    /// <summary>Refuses an edit that lies outside the model or the tokens of a pass, and resolves what counts from their end.</summary>
    /// <param name="model">The model.</param>
    /// <param name="past">Cached tokens.</param>
    /// <param name="end">Cached tokens and those of the pass; <c>^1</c> counts from there.</param>
    /// <param name="most">The same, and tokens that are yet to come.</param>
    /// <returns>The same edit, its positions and keys counted from the start.</returns>
    /// <exception cref="ModelException">It lies outside.</exception>
    internal Edit Resolve(LanguageModel model, int past, int end, int most)
    {
        model.CheckHook(Hook);
        if ((Heads is not null && Hook.Site.HasHidden()) || (Keys is not null && !Hook.Site.HasKeys()))
        {
            throw new ModelException(
                $"{this}: expected a site with {(Keys is null ? "heads" : "keys")}, got {Hook.Site.Name()}");
        }

        return this with
        {
            Positions = Places(Positions, past, end, most, "a position"),
            Keys = Places(Keys, 0, end, most, "a key"),
            Heads = Places(Heads?.Select(Prompt.Signed), 0, model.Heads, model.Heads, "a head")?.Select(head => head.Value).ToArray(),
        };
    }

    /// <summary>What of a resolved edit falls on some tokens; null where nothing does.</summary>
    /// <param name="past">The first of them.</param>
    /// <param name="end">The first after them.</param>
    internal Edit? Within(int past, int end)
    {
        var (positions, keys) = (Positions?.Where(p => p.Value >= past && p.Value < end).ToArray(), Keys?.Where(k => k.Value < end).ToArray());
        return positions is [] || keys is [] ? null : this with { Positions = positions, Keys = keys };
    }

    /// <summary>Changes a value, by a resolved edit.</summary>
    /// <param name="value">What the model has there.</param>
    /// <param name="past">Cached tokens.</param>
    /// <returns>The same shape and type.</returns>
    /// <exception cref="ModelException">The change gives something else, or libtorch refuses it.</exception>
    internal Tensor Apply(Tensor value, int past)
    {
        var rank = value.Dimensions;
        var parts = new List<(long Dim, Tensor Index)>();
        Select(1, Heads?.Select(head => (long)head));
        Select(rank - 2, Positions?.Select(position => (long)position.Value - past));
        Select(rank - 1, Keys?.Select(key => (long)key.Value));
        return parts.Any(part => part.Index.NumberOfElements == 0) ? value : Along(value, 0);

        void Select(long dim, IEnumerable<long>? places)
        {
            if (places is not null)
            {
                parts.Add((dim, tensor([.. places.Distinct()], device: value.device)));
            }
        }

        Tensor Along(Tensor whole, int depth)
        {
            if (depth == parts.Count)
            {
                return Changed(depth == 0 ? whole.clone() : whole);
            }

            var (dim, index) = parts[depth];
            return whole.index_copy(dim, index, Along(whole.index_select(dim, index), depth + 1));
        }
    }

    // Whatever a user's function gives is checked before libtorch goes on with it.
    private Tensor Changed(Tensor own)
    {
        Tensor? changed;
        try
        {
            changed = _change(own);
        }
        catch (Exception error) when (error is not LogitscopeException && TorchRuntime.ErrorOf(error) is { } refused and not TorchOutOfMemoryException)
        {
            throw new ModelException($"{this} of {TorchRuntime.Describe(own)}: {refused.Message}");
        }

        LanguageModel.CheckResiduals(changed, $"{this}", own.shape);
        return changed!.to(own.dtype, own.device).alias(); // the walk frees it, and the function may have given a tensor of its own
    }

    private static Tensor Spread(Tensor value, Tensor own, Hook hook, string name)
    {
        var (shape, width) = (own.shape, own.shape[^1]);
        LanguageModel.CheckResiduals(
            value, $"edit '{name}' at {hook}", [.. new long[][] { [width], [shape[0], width], [.. shape[..^2], width], shape }.DistinctBy(s => s.Length)]);
        var missing = Enumerable.Repeat(1L, shape.Length - value.shape.Length);
        return value.reshape([.. value.shape[..^1], .. missing, width]).expand(shape).to(own.dtype, own.device);
    }

    private Index[]? Places(IEnumerable<Index>? places, int start, int end, int most, string what) => places?
        .Select(place => Start(place, end) is var found && found >= start && found < most
            ? new Index((int)found)
            : throw new ModelException(
                $"{this}: expected {what} in {start}..{most - 1}, got {(place.IsFromEnd ? -(long)place.Value : place.Value)}"))
        .ToArray();

    private static long Start(Index place, long count) => place.IsFromEnd ? count - place.Value : place.Value;
}
