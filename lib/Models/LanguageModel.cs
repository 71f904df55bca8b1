using Logitscope.Checkpoints;
using Logitscope.Tokenizers;

namespace Logitscope.Models;

/// <summary>
/// A decoder-only language model with its residual stream in the open. A family is one file that says how to embed,
/// what a block does and how to unembed; everything here is the same for all.
/// </summary>
public abstract class LanguageModel : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly Lazy<ModelTokenizer> _tokenizer;

    /// <summary>The part that all families share.</summary>
    /// <param name="weights">The reader that the family reads its weights from.</param>
    /// <param name="options">Element type and device.</param>
    protected LanguageModel(WeightReader weights, ModelOptions options)
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

    /// <summary>Width of the residual stream.</summary>
    public abstract int HiddenSize { get; }

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
    /// A hash that tells this model from any other; see <see cref="Models.Fingerprint"/>. It is taken anew each time, from
    /// the weights as they are.
    /// </summary>
    public string Fingerprint => Models.Fingerprint.Of(this);

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

    /// <summary>Runs the model over token ids.</summary>
    /// <param name="ids">
    /// Int64 <c>[batch, position]</c>. Rows of unequal length are padded on the right with any id: a token never sees
    /// what comes after it.
    /// </param>
    /// <param name="options">What to keep, change and continue.</param>
    /// <returns>Logits and kept residuals, on the model's device and in its type.</returns>
    /// <exception cref="ModelException">
    /// The sequence exceeds the context, or a hook or an edit lies outside the model or the sequence.
    /// </exception>
    public ForwardResult Forward(Tensor ids, ForwardOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        options ??= ForwardOptions.Default;
        var past = options.Cache?.Length ?? 0;
        Check(ids, past, options);

        using var scope = NewDisposeScope();
        var kept = new Dictionary<Hook, Tensor>();
        var residual = Embed(ids.to(Device), past);
        for (var layer = 0; layer < Layers; layer++)
        {
            using var block = NewDisposeScope();
            var residPre = Visit(new Hook(layer, Site.ResidPre), residual);
            var residPost = Visit(new Hook(layer, Site.ResidPost), RunBlock(layer, residPre, options.Cache));
            residual.Dispose();
            residual = residPost.MoveToOuterDisposeScope();
        }

        options.Cache?.Advance((int)ids.size(1));
        return new ForwardResult(UnembedAsked(residual).MoveToOuterDisposeScope(), kept);

        Tensor Visit(Hook hook, Tensor value)
        {
            value = Apply(options.Edits.Where(edit => edit.Hook == hook), value, past);
            if (options.Keep.Contains(hook))
            {
                kept[hook] = value.alias().MoveToOuterDisposeScope().MoveToOuterDisposeScope();
            }

            return value;
        }

        Tensor UnembedAsked(Tensor last) => Unembed(options.Logits switch
        {
            LogitsOf.AllPositions => last,
            LogitsOf.LastPosition => last.narrow(1, last.size(1) - 1, 1),
            _ => last.narrow(1, 0, 0),
        });
    }

    /// <summary>The final norm and the unembedding: what the last block's output would say of the next token.</summary>
    /// <param name="residual"><c>[..., hidden]</c>.</param>
    /// <returns>Logits <c>[..., vocab]</c>.</returns>
    public abstract Tensor Unembed(Tensor residual);

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
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

    /// <summary>Token ids into the residual stream.</summary>
    /// <param name="ids">Int64 <c>[batch, position]</c>.</param>
    /// <param name="past">How many tokens the cache holds: the position of the first id.</param>
    /// <returns><c>[batch, position, hidden]</c>: resid_pre of layer 0.</returns>
    protected internal abstract Tensor Embed(Tensor ids, int past);

    /// <summary>One block.</summary>
    /// <param name="layer">0-based.</param>
    /// <param name="residPre">Its input, <c>[batch, position, hidden]</c>.</param>
    /// <param name="cache">Keys and values of the tokens before; the block appends its own.</param>
    /// <returns>Its output, <c>[batch, position, hidden]</c>: resid_post.</returns>
    protected internal abstract Tensor RunBlock(int layer, Tensor residPre, KeyValueCache? cache);

    private static Tensor Apply(IEnumerable<Edit> edits, Tensor residual, int past)
    {
        Tensor? edited = null;
        foreach (var edit in edits)
        {
            edited ??= residual.clone();
            edited.select(1, edit.Position - past).copy_(edit.Value);
        }

        return edited ?? residual;
    }

    private void Check(Tensor ids, int past, ForwardOptions options)
    {
        if (ids.Dimensions != 2)
        {
            throw new ModelException($"ids: expected Int64 [batch, position], got {TorchRuntime.Describe(ids)}");
        }

        var end = past + ids.size(1);
        CheckLength(end);
        CheckIds(ids);

        foreach (var hook in options.Keep.Concat(options.Edits.Select(edit => edit.Hook)))
        {
            CheckLayer(hook.Layer);
        }

        foreach (var edit in options.Edits.Where(edit => edit.Position < past || edit.Position >= end))
        {
            throw new ModelException($"an edit at {edit.Hook}: expected a position in {past}..{end - 1}, got {edit.Position}");
        }

        // A copy would stretch a vector of width 1 over the residual without a word.
        long[] one = [HiddenSize], each = [ids.size(0), HiddenSize];
        foreach (var edit in options.Edits.Where(e => !e.Value.shape.SequenceEqual(one) && !e.Value.shape.SequenceEqual(each)))
        {
            throw new ModelException(
                $"an edit at {edit.Hook}: expected a vector [{HiddenSize}] or [{string.Join(", ", each)}], "
                + $"got [{string.Join(", ", edit.Value.shape)}]");
        }
    }

    /// <summary>Refuses a layer that the model does not have.</summary>
    /// <param name="layer">0-based.</param>
    /// <exception cref="ModelException">There is no such block.</exception>
    public void CheckLayer(int layer)
    {
        if (layer < 0 || layer >= Layers)
        {
            throw new ModelException($"layer: expected 0 to {Layers - 1}, got {layer}");
        }
    }

    /// <summary>Refuses a prompt with a token that the model has no row for, such as one that was added later.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="name">What it is called, beside its text.</param>
    /// <returns>The prompt.</returns>
    /// <exception cref="ModelException">There is such a token.</exception>
    internal Prompt Checked(Prompt prompt, string? name = null)
    {
        const int shown = 60;
        for (var position = 0; position < prompt.Count; position++)
        {
            if (prompt.Ids[position] >= VocabularySize)
            {
                var words = prompt.Text ?? string.Join(' ', prompt.Ids);
                throw new ModelException(
                    $"prompt {name ?? "of"} '{(words.Length > shown ? words[..shown] + "..." : words)}': expected ids below "
                    + $"{VocabularySize}, the model's rows, got {prompt.Ids[position]} ({prompt.Tokens[position].Text}) at position {position}");
            }
        }

        return prompt;
    }

    /// <summary>Refuses ids that the model has no row for, where they are at hand.</summary>
    /// <param name="ids">Int64 <c>[batch, position]</c>.</param>
    /// <exception cref="ModelException">There is such an id, or they are of another type.</exception>
    internal void CheckIds(Tensor ids)
    {
        if (ids.dtype != int64)
        {
            throw new ModelException($"ids: expected Int64, got {ids.dtype}");
        }

        if (ids.device.type != DeviceType.CPU)
        {
            return;
        }

        using var inOrder = ids.contiguous();
        foreach (var (place, id) in inOrder.data<long>().ToArray().Index())
        {
            if (id < 0 || id >= VocabularySize)
            {
                throw new ModelException(
                    $"ids: expected 0 to {VocabularySize - 1}, the model's rows, "
                    + $"got {id} at [{place / ids.size(1)}, {place % ids.size(1)}]");
            }
        }
    }

    /// <summary>Refuses a sequence that the model cannot take.</summary>
    /// <param name="tokens">Its length.</param>
    /// <exception cref="ModelException">It is empty or exceeds the context.</exception>
    internal void CheckLength(long tokens)
    {
        if (tokens < 1 || tokens > ContextLength)
        {
            throw new ModelException($"a sequence: expected 1 to {ContextLength} tokens, got {tokens}");
        }
    }

    private ModelTokenizer LoadTokenizer() =>
        Folder is not null && ModelTokenizer.IsIn(Folder)
            ? ModelTokenizer.Load(Folder)
            : new NoTokenizer(
                VocabularySize,
                $"no tokenizer in '{Folder ?? "a model that was never stored"}': give ids, or add a tokenizer.json");
}
