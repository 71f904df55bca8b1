namespace Logitscope;

/// <summary>
/// A decoder-only language model with its residual stream in the open. A family is one file that says how to embed,
/// what a block does and how to unembed; everything here is the same for all.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public abstract partial class LanguageModel : IDisposable, IDisplay
{
    private readonly List<IDisposable> _owned = [];
    private bool _disposed;
    private readonly Lazy<ModelTokenizer> _tokenizer;

    /// <summary>The part that all families share.</summary>
    /// <param name="weights">The reader that the family reads its weights from.</param>
    /// <param name="options">Element type and device.</param>
    private protected LanguageModel(WeightReader weights, ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Weights = weights.Weights;
        Dtype = options.Dtype;
        Device = options.Device;
        _tokenizer = new Lazy<ModelTokenizer>(() =>
            options.Tokenizer is { } given ? ModelTokenizer.Wrap(given, VocabularySize) : LoadTokenizer());
    }

    /// <summary>HuggingFace's <c>model_type</c>.</summary>
    public abstract string Architecture { get; }

    /// <summary>The family's record of sizes and constants. Equal weights under another one are another model.</summary>
    public abstract object Config { get; }

    /// <summary>How many blocks.</summary>
    public abstract int Layers { get; }

    /// <summary>Query heads a block.</summary>
    public abstract int Heads { get; }

    /// <summary>Width of a head: head_dim.</summary>
    public virtual int HeadSize => HiddenSize / Heads;

    /// <summary>Width of the residual stream.</summary>
    public abstract int HiddenSize { get; }

    /// <summary>Whether the MLP reads what the attention has written; not where a block computes both side by side.</summary>
    public virtual bool HasResidMid => true;

    /// <summary>
    /// Whether what a head writes is linear in what it has mixed, and a logit in the last norm's output: not where a norm stands
    /// behind the attention or logits are capped.
    /// </summary>
    public virtual bool WritesAreLinear => true;

    /// <summary>Rows of the unembedding, padding included.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The longest sequence, in tokens.</summary>
    public abstract int ContextLength { get; }

    /// <summary>The folder that the model came from; null for one that was never stored.</summary>
    public string? Folder { get; internal set; }

    /// <summary>Stored tensors that nothing reads, without the constants that HuggingFace ignores too; see
    /// <see cref="ModelOptions.AllowUnread"/>.</summary>
    public IReadOnlyList<string> UnreadTensors { get; internal set; } = [];

    /// <summary>
    /// How many residuals are best unembedded together: few enough that their logits are still in the processor's cache
    /// when they are used, and enough to keep the matrix product busy.
    /// </summary>
    public int RowsToUnembed => Math.Max(256, (Device.type == DeviceType.CPU ? 1 << 20 : 1 << 27) / VocabularySize);

    /// <summary>
    /// How many tokens best go through a block together: few enough that one operation finds what the last one left in
    /// the processor's cache, and enough to keep the matrix product busy.
    /// </summary>
    public int TokensToRun => Device.type == DeviceType.CPU ? 1 << 11 : 1 << 14;

    /// <summary>Element type of weights and activations.</summary>
    public ScalarType Dtype { get; }

    /// <summary>Where the model lives.</summary>
    public Device Device { get; }

    /// <summary>
    /// How it computes, for the record: the element type, and TF32 where float32 products on a GPU may use it
    /// (<c>torch.backends.cuda.matmul.allow_tf32</c>); attention multiplies in float32 in the narrow types too.
    /// </summary>
    public string Arithmetic => Dtype.ToString().ToLowerInvariant() + (UsesTf32 ? " (tf32)" : "");

    private bool UsesTf32 => Dtype != float64 && Device.type == DeviceType.CUDA && backends.cuda.matmul.allow_tf32;

    /// <summary>The weights, under HuggingFace's names.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    /// <summary>How many numbers the weights have.</summary>
    public long ParameterCount => Weights.Values.Sum(weight => weight.NumberOfElements);

    /// <summary>
    /// The model's tokenizer: the one that it was given; else read from its folder on first use; a
    /// <see cref="NoTokenizer"/> where the folder has none.
    /// </summary>
    /// <exception cref="TokenizerException">The folder's tokenizer is broken.</exception>
    public ModelTokenizer Tokenizer => _tokenizer.Value;

    /// <summary>
    /// A hash that tells this model from any other; see <see cref="Logitscope.Fingerprint"/>. It is taken anew each time, from
    /// the weights as they are.
    /// </summary>
    public string Fingerprint => global::Logitscope.Fingerprint.Of(this);

    /// <summary>The model in one line.</summary>
    public override string ToString() =>
        $"{Architecture}, {Layers} layers of {HiddenSize}, {ParameterCount:N0} parameters, {Arithmetic} on {Device}";

    /// <summary>The model's sizes.</summary>
    public Table ToTable() => new(
        ["model", Folder is null ? "" : Path.GetFileName(Path.TrimEndingDirectorySeparator(Folder))],
        [
            ["architecture", Architecture],
            ["layers", Layers],
            ["hidden size", HiddenSize],
            ["heads", $"{Heads} of {HeadSize}"],
            ["vocabulary", VocabularySize],
            ["context", ContextLength],
            ["parameters", $"{ParameterCount:N0}"],
            ["arithmetic", $"{Arithmetic} on {Device}"],
        ]);

    /// <inheritdoc/>
    public string ToHtml() => ToTable().ToHtml();

    /// <inheritdoc/>
    public string ToText() => ToTable().ToText();

    /// <summary>Brings a model into memory.</summary>
    /// <param name="folder">A HuggingFace folder, or a model's name in HuggingFace's cache, as
    /// <see cref="HuggingFaceCache.FolderOf"/> takes it; the embedded model where it is left out.</param>
    /// <param name="options">Element type and device.</param>
    /// <returns>The model.</returns>
    /// <exception cref="CheckpointException">A file is missing, broken, inconsistent or not implemented.</exception>
    public static LanguageModel Load(string? folder = null, ModelOptions? options = null) =>
        Families.Load(HuggingFaceCache.FolderOf(folder ?? EmbeddedModel.Folder), options ?? new ModelOptions());

    /// <summary>A text as the model sees it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bos">Whether a BOS stands in front; the reference always puts one.</param>
    /// <returns>Its ids and its token table.</returns>
    /// <exception cref="TokenizerException">There is no tokenizer, or it has no BOS.</exception>
    /// <exception cref="ModelException">The model has no row for one of the tokens.</exception>
    public Prompt Encode(string text, Bos bos = Bos.Always) => Checked(Tokenizer.Encode(text, bos));

    /// <summary>Ids chosen by hand: taken as they are, no BOS is added.</summary>
    /// <param name="ids">The ids.</param>
    /// <returns>The ids and their token table.</returns>
    /// <exception cref="TokenizerException">An id is outside the vocabulary.</exception>
    /// <exception cref="ModelException">The model has no row for one of the ids.</exception>
    public Prompt FromIds(IEnumerable<int> ids) => Checked(Tokenizer.FromIds(ids));

    /// <summary>Runs the model over a prompt.</summary>
    /// <inheritdoc cref="Forward(Tensor, ForwardOptions?)"/>
    public ForwardResult Forward(Prompt prompt, ForwardOptions? options = null) => Forward(prompt.ToTensor(), options);

    /// <summary>Runs the model over prompts together, a row each; those of like length waste least.</summary>
    /// <inheritdoc cref="Forward(Tensor, ForwardOptions?)"/>
    public ForwardResult Forward(IReadOnlyList<Prompt> prompts, ForwardOptions? options = null) =>
        Forward(prompts.ToTensor(), options);

    /// <summary>Runs the model over token ids.</summary>
    /// <param name="ids">
    /// Int64 <c>[batch, position]</c>. Rows of unequal length are padded on the right with any id: a token never sees
    /// what comes after it.
    /// </param>
    /// <param name="options">What to keep, change, differentiate and continue.</param>
    /// <returns>Logits and what was kept, on the model's device and in its type.</returns>
    /// <exception cref="ModelException">
    /// The sequence exceeds the context or the memory, an id is not the model's, a hook or an edit lies outside the model
    /// or the sequence, an edit gives something of another shape, or the logits are no numbers: then it says at which layer
    /// and position that begins.
    /// </exception>
    public ForwardResult Forward(Tensor ids, ForwardOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        options ??= ForwardOptions.Default;
        var past = options.Cache?.Length ?? 0;
        var edits = Check(ids, past, options);

        using var scope = NewDisposeScope();
        using var recorded = options.Gradients.Count > 0 ? enable_grad() : null;
        var kept = new KeptResiduals();
        try
        {
            var residual = Climb(ids, new Pass(options.Cache, edits, options.Keep.Count + options.Gradients.Count > 0 ? Visit : null));
            options.Cache?.Advance((int)ids.size(1));
            var logits = Unembed(options.Logits switch
            {
                LogitsOf.AllPositions => residual,
                LogitsOf.LastPosition => residual.narrow(1, residual.size(1) - 1, 1),
                LogitsOf.NoPosition => residual.narrow(1, 0, 0),
                _ => throw new ModelException($"logits: expected those of all positions, the last or none, got number {(int)options.Logits}"),
            });
            Distributions.RequireFinite(logits.amax([-1]).reshape(-1));
            return new ForwardResult(logits.MoveToOuterDisposeScope(), kept) { Gradients = options.Gradients };
        }
        catch (Exception error)
        {
            kept.Dispose();
            options.Cache?.DropUncounted();
            if (error is NonFiniteException number)
            {
                throw Located(number, ids, past, options.Cache, edits);
            }

            throw;
        }

        Tensor Visit(Hook hook, Tensor value)
        {
            if (options.Gradients.Contains(hook))
            {
                kept[hook] = Out(value.requires_grad ? value.alias() : value.detach().requires_grad_());
                return kept[hook].alias();
            }

            if (options.Keep.Contains(hook))
            {
                kept[hook] = Out(value.alias());
            }

            return value;
        }

        static Tensor Out(Tensor kept) => kept.MoveToOuterDisposeScope().MoveToOuterDisposeScope();
    }

    /// <summary>The final norm alone.</summary>
    /// <param name="residual"><c>[..., hidden]</c>.</param>
    /// <returns><c>[..., hidden]</c>.</returns>
    public abstract Tensor FinalNorm(Tensor residual);

    /// <summary>The final norm and the unembedding: what the last block's output would say of the next token.</summary>
    /// <param name="residual"><c>[..., hidden]</c>.</param>
    /// <returns>Logits <c>[..., vocab]</c>.</returns>
    public Tensor Unembed(Tensor residual) => Head(FinalNorm(residual));

    /// <summary>The unembedding alone.</summary>
    /// <param name="normal">What the final norm gives, <c>[..., hidden]</c>.</param>
    /// <returns>Logits <c>[..., vocab]</c>.</returns>
    public abstract Tensor Head(Tensor normal);

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (var owned in Weights.Values.Concat(_owned))
        {
            owned.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Has something disposed together with the model.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="part">What the family made beside its weights.</param>
    /// <returns>The same.</returns>
    protected T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }

    /// <summary>The final norm with its scale frozen at that of a residual, and without its shift: linear in the parts of it.</summary>
    /// <param name="part"><c>[..., hidden]</c>.</param>
    /// <param name="whole">The residual, <c>[hidden]</c>, or of the parts' shape.</param>
    /// <returns><c>[..., hidden]</c>.</returns>
    protected internal abstract Tensor FrozenNorm(Tensor part, Tensor whole);

    /// <summary>Token ids into the residual stream.</summary>
    /// <param name="ids">Int64 <c>[batch, position]</c>.</param>
    /// <param name="past">How many tokens the cache holds: the position of the first id.</param>
    /// <returns><c>[batch, position, hidden]</c>: resid_pre of layer 0.</returns>
    protected internal abstract Tensor Embed(Tensor ids, int past);

    /// <summary>The vectors of tokens alone, without those of their positions, where a family adds these.</summary>
    /// <param name="ids">Int64 <c>[batch, position]</c>.</param>
    /// <returns><c>[batch, position, hidden]</c>.</returns>
    protected internal virtual Tensor EmbedTokens(Tensor ids) => Embed(ids, 0);

    /// <summary>One block.</summary>
    /// <param name="layer">0-based.</param>
    /// <param name="residPre">Its input, <c>[batch, position, hidden]</c>.</param>
    /// <param name="pass">
    /// What goes with it: each place inside of the block is shown to it, and keys and values are appended to its cache.
    /// </param>
    /// <returns>Its output, <c>[batch, position, hidden]</c>: resid_post.</returns>
    protected internal abstract Tensor RunBlock(int layer, Tensor residPre, Pass pass);

    /// <summary>The one walk up the layers.</summary>
    /// <param name="ids">Int64 <c>[batch, position]</c>.</param>
    /// <param name="pass">Shown every place, each within a scope of its block.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The last block's output, <c>[batch, position, hidden]</c>.</returns>
    internal Tensor Climb(Tensor ids, Pass pass, CancellationToken cancellation = default) =>
        Climb(Embed(ids.to(Device), pass.Past), 0, pass, cancellation);

    /// <summary>The same, from the input of a block on.</summary>
    /// <param name="residual">resid_pre of the block, <c>[batch, position, hidden]</c>; it is disposed.</param>
    /// <param name="from">The 0-based block.</param>
    /// <param name="pass">As above.</param>
    /// <param name="cancellation">As above.</param>
    /// <returns>The last block's output, <c>[batch, position, hidden]</c>.</returns>
    internal Tensor Climb(Tensor residual, int from, Pass pass, CancellationToken cancellation)
    {
        for (var layer = from; layer < Layers; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var block = NewDisposeScope();
            var residPre = pass.At(Site.ResidPre, layer, residual);
            var residPost = pass.At(Site.ResidPost, layer, RunBlock(layer, residPre, pass));
            residual.Dispose();
            residual = residPost.MoveToOuterDisposeScope();
        }

        return residual;
    }

    // A pass whose logits are no numbers runs once more, to find where that begins. Scores hold infinities anyway.
    private ModelException Located(NonFiniteException error, Tensor ids, int past, KeyValueCache? after, IReadOnlyList<Edit> edits)
    {
        using var scope = NewDisposeScope();
        using var cache = after?.Without((int)ids.size(1));
        string? place = null;
        Climb(ids, new Pass(cache, edits, (hook, value) =>
        {
            place ??= hook.Site.HasHidden() ? Find(hook, value) : null;
            return value;
        }));
        return new ModelException(
            $"logits: expected finite numbers, got {error.Number}; " + (place ?? "every residual is finite, the unembedding is not"));

        string? Find(Hook hook, Tensor value)
        {
            using var here = NewDisposeScope();
            if (value.isfinite().all().item<bool>())
            {
                return null;
            }

            var finite = value.isfinite().all(-1).transpose(0, 1).cpu().contiguous().data<bool>().ToArray(); // [position, batch]
            var (position, row) = Math.DivRem(Array.IndexOf(finite, false), (int)value.size(0));
            return $"the first numbers that are not finite: {hook}, position {past + position}"
                + (value.size(0) > 1 ? $" of row {row}" : "");
        }
    }

    private ModelTokenizer LoadTokenizer() =>
        Folder is not null && ModelTokenizer.IsIn(Folder)
            ? ModelTokenizer.Load(Folder)
            : new NoTokenizer(
                VocabularySize,
                $"no tokenizer in '{Folder ?? "a model that was never stored"}': give ids, or add a tokenizer.json");
}
