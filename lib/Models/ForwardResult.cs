namespace Logitscope;

/// <summary>What a forward pass returns. The caller, or the caller's scope, disposes it.</summary>
/// <param name="Logits"><c>[batch, position, vocab]</c>, positions as asked by <see cref="LogitsOf"/>.</param>
/// <param name="Residuals">
/// What was kept, each in its site's shape. To ask for another one is a <see cref="ModelException"/>.
/// </param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record ForwardResult(Tensor Logits, IReadOnlyDictionary<Hook, Tensor> Residuals) : IDisposable, IDisplay
{
    /// <summary>One kept place.</summary>
    /// <param name="hook">Where.</param>
    /// <returns>In the site's shape.</returns>
    /// <exception cref="ModelException">It was not kept.</exception>
    public Tensor this[Hook hook] => Residuals[hook];

    /// <summary>The places of <see cref="ForwardOptions.Gradients"/>.</summary>
    internal IReadOnlyCollection<Hook> Gradients { get; init; } = [];

    /// <summary>
    /// The gradient of a number with respect to each place of <see cref="ForwardOptions.Gradients"/>, everything between the
    /// two included: of logits, kept places and whatever was computed from them. It can be asked for any number of times.
    /// </summary>
    /// <param name="output">One number, or as many as <paramref name="along"/> has.</param>
    /// <param name="along">
    /// Where the output has several numbers, the weight of each: the result is then the vector-Jacobian product. A Jacobian of
    /// n rows needs one pass over n copies of the prompt and one product, the identity along it.
    /// </param>
    /// <returns>Each in its site's shape; 0 where the output does not depend on it.</returns>
    /// <exception cref="ModelException">
    /// The pass asked for no gradients, the output does not depend on any place, or shapes differ.
    /// </exception>
    /// <example><code>
    /// using var run = model.Forward(prompt, new() { Gradients = [hook] });
    /// var gradient = run.Gradient(run.Logits[0, -1, yes] - run.Logits[0, -1, no])[hook];
    /// </code></example>
    public IReadOnlyDictionary<Hook, Tensor> Gradient(Tensor output, Tensor? along = null)
    {
        if (output.IsInvalid || !output.requires_grad || Gradients.Count == 0)
        {
            throw new ModelException(
                $"a gradient: expected an output that depends on a place of ForwardOptions.Gradients, got {TorchRuntime.Describe(output)} "
                + $"and {(Gradients.Count == 0 ? "none" : string.Join(", ", Gradients))}");
        }

        LanguageModel.CheckResiduals(along ?? output, "a gradient's output", along is null ? [[], [1]] : [output.shape]);
        using var scope = NewDisposeScope();
        Tensor[] places = [.. Gradients.Select(hook => Residuals[hook])];
        foreach (var (hook, place) in Gradients.Zip(places))
        {
            LanguageModel.CheckResiduals(place, $"a gradient at {hook}", place.IsInvalid ? [] : [place.shape]);
            place.grad = null;
        }

        autograd.backward([output], along is null ? null : [along], retain_graph: true, inputs: places);
        var gradients = new KeptResiduals();
        foreach (var (hook, place) in Gradients.Zip(places))
        {
            gradients[hook] = (place.grad?.clone() ?? zeros_like(place)).MoveToOuterDisposeScope();
        }

        return gradients;
    }

    /// <summary>What is here, and its shape.</summary>
    public Table ToTable() => Table.Of(
        Residuals.OrderBy(kept => kept.Key.Layer).ThenBy(kept => kept.Key.Site).Select(kept => ($"{kept.Key}", kept.Value)).Prepend(("logits", Logits)),
        ("place", kept => kept.Item1),
        ("numbers", kept => TorchRuntime.Describe(kept.Item2)));

    /// <inheritdoc/>
    public string ToHtml() => ToTable().ToHtml();

    /// <inheritdoc/>
    public string ToText() => ToTable().ToText();

    /// <summary>The table, not every number.</summary>
    public override string ToString() => ToText();

    /// <summary>Frees all tensors.</summary>
    public void Dispose()
    {
        Logits.Dispose();
        foreach (var residual in Residuals.Values)
        {
            residual.Dispose();
        }
    }
}

/// <summary>Tensors by their place; says what to do about one that was not kept.</summary>
internal sealed class KeptResiduals : Dictionary<Hook, Tensor>, IReadOnlyDictionary<Hook, Tensor>, IDisposable
{
    Tensor IReadOnlyDictionary<Hook, Tensor>.this[Hook hook] => TryGetValue(hook, out var residual)
        ? residual
        : throw new ModelException(
            $"{hook}: expected one that ForwardOptions.Keep names, got {(Count == 0 ? "none" : string.Join(", ", Keys))}");

    public void Dispose()
    {
        foreach (var residual in Values)
        {
            residual.Dispose();
        }
    }
}

/// <summary>What a forward pass keeps, changes, differentiates and continues.</summary>
public sealed record ForwardOptions
{
    /// <summary>Nothing kept, nothing changed, logits of every position.</summary>
    public static ForwardOptions Default { get; } = new();

    /// <summary>Places to return.</summary>
    public IReadOnlyCollection<Hook> Keep { get; init; } = [];

    /// <summary>
    /// Places to return with the graph above them, for <see cref="ForwardResult.Gradient"/>. The weights are constants; what is
    /// below the lowest place is not recorded.
    /// </summary>
    public IReadOnlyCollection<Hook> Gradients { get; init; } = [];

    /// <summary>Places to change, in this order where several meet. What is kept shows its edits.</summary>
    public IReadOnlyList<Edit> Edits { get; init; } = [];

    /// <summary>Keys and values of the tokens before; this pass appends its own.</summary>
    public KeyValueCache? Cache { get; init; }

    /// <summary>Which positions get logits.</summary>
    public LogitsOf Logits { get; init; } = LogitsOf.AllPositions;

    // Beyond the memory libtorch ends the process, a notebook's kernel included, or the system does. What is counted is the
    // least that a pass needs: scores twice, once in and once out of their softmax, and once a block where gradients are
    // recorded; what is kept; the logits.
    internal void CheckMemory(LanguageModel model, long rows, long tokens, long keys)
    {
        if (model.Device.type != DeviceType.CPU)
        {
            return;
        }

        double recorded = Gradients.Count > 0 ? model.Layers - Gradients.Min(hook => hook.Layer) : 0;
        var scores = (2 + recorded) * BytesOf(Site.Scores);
        var logits = Logits == LogitsOf.AllPositions ? (double)rows * tokens * model.VocabularySize * model.Dtype.ElementSize() : 0;
        var kept = Keep.Union(Gradients).Sum(hook => BytesOf(hook.Site)) + ((2 + recorded) * BytesOf(Site.ResidPost));
        var needed = kept + Math.Max(scores, logits);
        if (needed > AlwaysThere && needed > MemoryLeft)
        {
            throw new ModelException(
                $"a pass over [{rows}, {tokens}] tokens: expected to fit {MemoryLeft / 1e9:F1} GB of memory, "
                + $"got at least {needed / 1e9:F1} GB; run fewer rows together, or keep less");
        }

        double BytesOf(Site site) => model.ShapeOf(site, rows, tokens, keys).Aggregate(1.0, (product, size) => product * size)
            * (site == Site.Scores ? Math.Max(sizeof(float), model.Dtype.ElementSize()) : model.Dtype.ElementSize());
    }

    // Below it, asking the system costs more than it saves.
    private const double AlwaysThere = 1 << 28;

    private static double MemoryLeft => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - (double)Environment.WorkingSet;
}
