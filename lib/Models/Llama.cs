namespace Logitscope;

/// <summary>
/// LLaMA: attention, then a gated MLP, each on its own root-mean-square norm; rotary position embedding on the halves
/// of each head; keys and values shared by groups of queries. Mistral adds a window, Qwen2 biases, Qwen3 a norm on each
/// head's query and key. Weights and numerics are HuggingFace's; nothing is folded.
/// </summary>
/// <remarks>
/// Touvron et al., arXiv 2302.13971; grouped queries: Ainslie et al., arXiv 2305.13245; the gate: Shazeer, arXiv
/// 2002.05202; LLaMA 3: arXiv 2407.21783; the window: Jiang et al., Mistral 7B, arXiv 2310.06825; Qwen2: arXiv 2407.10671;
/// Qwen3: arXiv 2505.09388. One block: <c>mid = resid_pre + attn(input_layernorm(resid_pre))</c>,
/// <c>resid_post = mid + mlp(post_attention_layernorm(mid))</c>.
/// </remarks>
public sealed class Llama : LanguageModel
{
    private readonly LlamaConfig _config;
    private readonly Embedding _embedding;
    private readonly Block[] _blocks;
    private readonly RmsNorm _norm;
    private readonly Linear _lmHead;

    /// <summary>Reads the weights under HuggingFace's names.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="weights">The reader at the root of the names.</param>
    /// <param name="options">Element type and device.</param>
    internal Llama(LlamaConfig config, WeightReader weights, ModelOptions options)
        : base(weights, options)
    {
        _config = config;
        var rotary = Own(new RotaryEmbedding(
            config.HeadDim, config.MaxPositionEmbeddings, options, config.RopeTheta, config.RopeScaling));
        var model = weights.At("model");
        var head = weights.At("lm_head");
        _embedding = new Embedding(
            model.At("embed_tokens"), config.VocabSize, config.HiddenSize, config.TieWordEmbeddings ? head : null);
        _blocks =
        [
            .. Enumerable.Range(0, config.NumHiddenLayers)
                .Select(l => new Block(config, model.At($"layers.{l}"), rotary, config.WindowOf(l))),
        ];
        _norm = new RmsNorm(model.At("norm"), config.HiddenSize, config.RmsNormEps);
        _lmHead = _embedding.Head(head, config.TieWordEmbeddings, bias: false);
    }

    /// <inheritdoc/>
    public override string Architecture => _config.ModelType;

    /// <inheritdoc/>
    public override object Config => _config;

    /// <inheritdoc/>
    public override int Layers => _config.NumHiddenLayers;

    /// <inheritdoc/>
    public override int Heads => _config.NumAttentionHeads;

    /// <inheritdoc/>
    public override int HeadSize => _config.HeadDim;

    /// <inheritdoc/>
    public override int HiddenSize => _config.HiddenSize;

    /// <inheritdoc/>
    public override int VocabularySize => _config.VocabSize;

    /// <inheritdoc/>
    public override int ContextLength => _config.MaxPositionEmbeddings;

    /// <inheritdoc/>
    public override Tensor FinalNorm(Tensor residual) => _norm.Apply(residual);

    /// <inheritdoc/>
    public override Tensor Head(Tensor normal) => _lmHead.Apply(normal);

    /// <inheritdoc/>
    protected internal override Tensor FrozenNorm(Tensor part, Tensor whole) => _norm.ApplyFrozen(part, whole);

    /// <inheritdoc/>
    protected internal override Tensor Embed(Tensor ids, int past) => _embedding.Apply(ids);

    /// <inheritdoc/>
    protected internal override Tensor RunBlock(int layer, Tensor residPre, Pass pass)
    {
        var block = _blocks[layer];
        var attention = pass.At(Site.AttnOut, layer, block.Attention.Apply(layer, block.InputNorm.Apply(residPre), pass));
        var middle = pass.At(Site.ResidMid, layer, residPre + attention);
        return middle + pass.At(Site.MlpOut, layer, block.Mlp.Apply(block.PostAttentionNorm.Apply(middle)));
    }

    private sealed class Block(LlamaConfig config, WeightReader weights, RotaryEmbedding rotary, int? window)
    {
        public RmsNorm InputNorm { get; } = new(weights.At("input_layernorm"), config.HiddenSize, config.RmsNormEps);

        public SelfAttention Attention { get; } = new(config, weights.At("self_attn"), rotary, window);

        public RmsNorm PostAttentionNorm { get; } =
            new(weights.At("post_attention_layernorm"), config.HiddenSize, config.RmsNormEps);

        public GatedPerceptron Mlp { get; } = new(config, weights.At("mlp"));
    }

    private sealed class SelfAttention(LlamaConfig config, WeightReader weights, RotaryEmbedding rotary, int? window)
    {
        private readonly Linear _query = Projection(config, weights.At("q_proj"), config.NumAttentionHeads);
        private readonly Linear _key = Projection(config, weights.At("k_proj"), config.NumKeyValueHeads);
        private readonly Linear _value = Projection(config, weights.At("v_proj"), config.NumKeyValueHeads);
        private readonly Linear _output =
            new(weights.At("o_proj"), config.NumAttentionHeads * config.HeadDim, config.HiddenSize, config.OutputBias);

        private readonly RmsNorm? _queryNorm = HeadNorm(config, weights.At("q_norm"));
        private readonly RmsNorm? _keyNorm = HeadNorm(config, weights.At("k_norm"));

        public Tensor Apply(int layer, Tensor normal, Pass pass)
        {
            var queries = Attention.SplitHeads(_query.Apply(normal), config.NumAttentionHeads);
            var keys = Attention.SplitHeads(_key.Apply(normal), config.NumKeyValueHeads);
            var values = Attention.SplitHeads(_value.Apply(normal), config.NumKeyValueHeads);
            (queries, keys) = (_queryNorm?.Apply(queries) ?? queries, _keyNorm?.Apply(keys) ?? keys);
            queries = rotary.RotateHalves(Attention.Widen(queries), pass.Past);
            keys = rotary.RotateHalves(Attention.Widen(keys), pass.Past);
            return _output.Apply(Attention.MergeHeads(Attention.Causal(layer, queries, keys, values, pass, window)));
        }

        private static Linear Projection(LlamaConfig config, WeightReader weights, int heads) =>
            new(weights, config.HiddenSize, heads * config.HeadDim, config.QueryKeyValueBias);

        private static RmsNorm? HeadNorm(LlamaConfig config, WeightReader weights) =>
            config.QueryKeyNorm ? new(weights, config.HeadDim, config.RmsNormEps) : null;
    }

    private sealed class GatedPerceptron(LlamaConfig config, WeightReader weights)
    {
        private readonly Linear _gate =
            new(weights.At("gate_proj"), config.HiddenSize, config.IntermediateSize, config.MlpBias);

        private readonly Linear _up =
            new(weights.At("up_proj"), config.HiddenSize, config.IntermediateSize, config.MlpBias);

        private readonly Linear _down =
            new(weights.At("down_proj"), config.IntermediateSize, config.HiddenSize, config.MlpBias);

        public Tensor Apply(Tensor normal) => _down.Apply(Silu(_gate.Apply(normal)) * _up.Apply(normal));

        private static Tensor Silu(Tensor gate) => gate / (Exponent(gate).exp() + 1);

        // An exponential that overflows makes the right value, 0, and no gradient.
        private static Tensor Exponent(Tensor gate) =>
            gate.requires_grad ? gate.neg().clamp_max(gate.dtype == ScalarType.Float16 ? 11 : 88) : gate.neg();
    }
}

/// <summary>The sizes of a LLaMA, Mistral, Qwen2 or Qwen3 model, under HuggingFace's names.</summary>
public sealed record LlamaConfig
{
    /// <summary>Which of them: HuggingFace's <c>model_type</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Query heads a block.</summary>
    public required int NumAttentionHeads { get; init; }

    /// <summary>Key and value heads a block; each serves as many neighbouring query heads.</summary>
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Dimensions of one head.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Blocks.</summary>
    public required int NumHiddenLayers { get; init; }

    /// <summary>The longest sequence, in tokens.</summary>
    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>Width of the MLP's hidden layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Rows of the embedding, padding included.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Added to the mean square in the norm.</summary>
    public required double RmsNormEps { get; init; }

    /// <summary>The base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>What slows the rotary frequencies; null: nothing.</summary>
    public required RopeScaling? RopeScaling { get; init; }

    /// <summary>Whether the embedding is the unembedding too.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Whether the MLP's matrices have biases.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether the matrices of queries, keys and values have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output matrix has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Whether each head's query and key are normalised before they are rotated.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>How many tokens one sees, itself counted, where a block has a window; null: none has.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>The first block that has a window.</summary>
    public int MaxWindowLayers { get; init; }

    /// <summary>The window of a block; null: none.</summary>
    internal int? WindowOf(int layer) => layer >= MaxWindowLayers ? SlidingWindow : null;

    /// <summary>Reads and checks the fields of LLaMA's <c>config.json</c>.</summary>
    /// <param name="config">The file.</param>
    /// <returns>The sizes.</returns>
    /// <exception cref="CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    internal static LlamaConfig Read(ConfigReader config)
    {
        var bias = config.Flag("attention_bias", otherwise: false);
        return Sizes(config) with
        {
            QueryKeyValueBias = bias,
            OutputBias = bias,
            MlpBias = config.Flag("mlp_bias", otherwise: false),
        };
    }

    /// <summary>The same of Mistral's, of which a block sees a window unless that is null.</summary>
    internal static LlamaConfig ReadMistral(ConfigReader config) =>
        WithLayerTypes(config, Sizes(config, keyValueHeads: 8) with { SlidingWindow = config.CountUnlessNull("sliding_window", otherwise: 4096) });

    /// <summary>The same of Qwen2's and Qwen2.5's, whose queries, keys and values always have biases.</summary>
    internal static LlamaConfig ReadQwen2(ConfigReader config) =>
        Windowed(config, Sizes(config, keyValueHeads: 32) with { QueryKeyValueBias = true });

    /// <summary>The same of Qwen3's.</summary>
    internal static LlamaConfig ReadQwen3(ConfigReader config)
    {
        var bias = config.Flag("attention_bias", otherwise: false);
        return Windowed(
            config,
            Sizes(config, keyValueHeads: 32, headDim: 128) with { QueryKeyValueBias = bias, OutputBias = bias, QueryKeyNorm = true });
    }

    // Qwen's upper blocks have a window where the flag says so.
    private static LlamaConfig Windowed(ConfigReader config, LlamaConfig sizes)
    {
        var (window, first) = (config.CountUnlessNull("sliding_window", otherwise: 4096), config.Index("max_window_layers", otherwise: 28));
        return WithLayerTypes(config, config.Flag("use_sliding_window", otherwise: false)
            ? sizes with { SlidingWindow = window, MaxWindowLayers = first }
            : sizes);
    }

    private static LlamaConfig WithLayerTypes(ConfigReader config, LlamaConfig sizes)
    {
        config.RequireEach("layer_types", layer => sizes.WindowOf(layer) is null ? "full_attention" : "sliding_attention");
        return sizes;
    }

    private static LlamaConfig Sizes(ConfigReader config, int? keyValueHeads = null, int? headDim = null)
    {
        config.Require("hidden_act", config.Text("hidden_act", "silu"), "silu");
        config.RequireSame("partial_rotary_factor", 1);
        var rotary = RotaryConfig.Read(
            config, new(config.Positive("rope_theta", otherwise: 10000), Share: 1), RopeScaling.Implemented);
        config.Require("rope_parameters.partial_rotary_factor", rotary.Share, 1);

        var hidden = config.Count("hidden_size");
        var heads = config.CountOfHeads(["num_attention_heads"], hidden);
        var sizes = new LlamaConfig
        {
            ModelType = config.Text("model_type"),
            HiddenSize = hidden,
            NumAttentionHeads = heads,
            NumKeyValueHeads = config.Count("num_key_value_heads", otherwise: keyValueHeads ?? heads),
            HeadDim = config.Count("head_dim", otherwise: headDim ?? (hidden / heads)),
            NumHiddenLayers = config.Count("num_hidden_layers"),
            MaxPositionEmbeddings = config.Count("max_position_embeddings"),
            IntermediateSize = config.Count("intermediate_size"),
            VocabSize = config.Count("vocab_size"),
            RmsNormEps = config.Positive("rms_norm_eps", otherwise: 1e-6),
            RopeTheta = rotary.Theta,
            RopeScaling = rotary.Scaling,
            TieWordEmbeddings = config.Flag("tie_word_embeddings", otherwise: false),
        };

        if (heads % sizes.NumKeyValueHeads != 0)
        {
            throw config.Wrong(
                "num_key_value_heads", $"a divisor of num_attention_heads {heads}", $"{sizes.NumKeyValueHeads}");
        }

        if (sizes.HeadDim % 2 != 0 || (long)sizes.HeadDim * heads > ConfigReader.Most)
        {
            throw config.Wrong("head_dim", $"an even number up to {ConfigReader.Most / heads}", $"{sizes.HeadDim}");
        }

        config.RequireAngles("max_position_embeddings", sizes.MaxPositionEmbeddings, sizes.HeadDim);
        return sizes;
    }
}
