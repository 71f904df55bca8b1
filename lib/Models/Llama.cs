namespace Logitscope;

/// <summary>
/// LLaMA: attention, then a gated MLP, each on its own root-mean-square norm; rotary position embedding on the halves
/// of each head; keys and values shared by groups of queries. Weights and numerics are HuggingFace's; nothing is folded.
/// </summary>
/// <remarks>
/// Touvron et al., arXiv 2302.13971; grouped queries: Ainslie et al., arXiv 2305.13245; the gate: Shazeer, arXiv
/// 2002.05202. One block: <c>mid = resid_pre + attn(input_layernorm(resid_pre))</c>,
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
        var rotary = Own(new RotaryEmbedding(config.HeadDim, config.MaxPositionEmbeddings, options, config.RopeTheta));
        var model = weights.At("model");
        var head = weights.At("lm_head");
        _embedding = new Embedding(
            model.At("embed_tokens"), config.VocabSize, config.HiddenSize, config.TieWordEmbeddings ? head : null);
        _blocks =
        [
            .. Enumerable.Range(0, config.NumHiddenLayers)
                .Select(l => new Block(config, model.At($"layers.{l}"), rotary)),
        ];
        _norm = new RmsNorm(model.At("norm"), config.HiddenSize, config.RmsNormEps);
        _lmHead = _embedding.Head(head, config.TieWordEmbeddings, bias: false);
    }

    /// <inheritdoc/>
    public override string Architecture => "llama";

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

    private sealed class Block(LlamaConfig config, WeightReader weights, RotaryEmbedding rotary)
    {
        public RmsNorm InputNorm { get; } = new(weights.At("input_layernorm"), config.HiddenSize, config.RmsNormEps);

        public SelfAttention Attention { get; } = new(config, weights.At("self_attn"), rotary);

        public RmsNorm PostAttentionNorm { get; } =
            new(weights.At("post_attention_layernorm"), config.HiddenSize, config.RmsNormEps);

        public GatedPerceptron Mlp { get; } = new(config, weights.At("mlp"));
    }

    private sealed class SelfAttention(LlamaConfig config, WeightReader weights, RotaryEmbedding rotary)
    {
        private readonly Linear _query = Projection(config, weights.At("q_proj"), config.NumAttentionHeads);
        private readonly Linear _key = Projection(config, weights.At("k_proj"), config.NumKeyValueHeads);
        private readonly Linear _value = Projection(config, weights.At("v_proj"), config.NumKeyValueHeads);
        private readonly Linear _output =
            new(weights.At("o_proj"), config.NumAttentionHeads * config.HeadDim, config.HiddenSize, bias: false);

        public Tensor Apply(int layer, Tensor normal, Pass pass)
        {
            var queries = Attention.SplitHeads(_query.Apply(normal), config.NumAttentionHeads);
            var keys = Attention.SplitHeads(_key.Apply(normal), config.NumKeyValueHeads);
            var values = Attention.SplitHeads(_value.Apply(normal), config.NumKeyValueHeads);
            queries = rotary.RotateHalves(Attention.Widen(queries), pass.Past);
            keys = rotary.RotateHalves(Attention.Widen(keys), pass.Past);
            return _output.Apply(Attention.MergeHeads(Attention.Causal(layer, queries, keys, values, pass)));
        }

        private static Linear Projection(LlamaConfig config, WeightReader weights, int heads) =>
            new(weights, config.HiddenSize, heads * config.HeadDim, bias: false);
    }

    private sealed class GatedPerceptron(LlamaConfig config, WeightReader weights)
    {
        private readonly Linear _gate =
            new(weights.At("gate_proj"), config.HiddenSize, config.IntermediateSize, bias: false);

        private readonly Linear _up =
            new(weights.At("up_proj"), config.HiddenSize, config.IntermediateSize, bias: false);

        private readonly Linear _down =
            new(weights.At("down_proj"), config.IntermediateSize, config.HiddenSize, bias: false);

        public Tensor Apply(Tensor normal) => _down.Apply(Silu(_gate.Apply(normal)) * _up.Apply(normal));

        private static Tensor Silu(Tensor gate) => gate / (Exponent(gate).exp() + 1);

        // An exponential that overflows makes the right value, 0, and no gradient.
        private static Tensor Exponent(Tensor gate) =>
            gate.requires_grad ? gate.neg().clamp_max(gate.dtype == ScalarType.Float16 ? 11 : 88) : gate.neg();
    }
}

/// <summary>The sizes of a LLaMA model, under HuggingFace's names.</summary>
public sealed record LlamaConfig
{
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

    /// <summary>Whether the embedding is the unembedding too.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Reads and checks the fields of <c>config.json</c>.</summary>
    /// <param name="config">The file.</param>
    /// <returns>The sizes.</returns>
    /// <exception cref="CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    internal static LlamaConfig Read(ConfigReader config)
    {
        config.Require("hidden_act", config.Text("hidden_act", "silu"), "silu");
        config.RequireFlag("attention_bias", false);
        config.RequireFlag("mlp_bias", false);
        config.RequireSame("partial_rotary_factor", 1);
        var rotary = RotaryConfig.Read(config, new(config.Positive("rope_theta", otherwise: 10000), Share: 1));
        config.Require("rope_parameters.partial_rotary_factor", rotary.Share, 1);

        var hidden = config.Count("hidden_size");
        var heads = config.CountOfHeads(["num_attention_heads"], hidden);
        var sizes = new LlamaConfig
        {
            HiddenSize = hidden,
            NumAttentionHeads = heads,
            NumKeyValueHeads = config.Count("num_key_value_heads", otherwise: heads),
            HeadDim = config.Count("head_dim", otherwise: hidden / heads),
            NumHiddenLayers = config.Count("num_hidden_layers"),
            MaxPositionEmbeddings = config.Count("max_position_embeddings"),
            IntermediateSize = config.Count("intermediate_size"),
            VocabSize = config.Count("vocab_size"),
            RmsNormEps = config.Positive("rms_norm_eps", otherwise: 1e-6),
            RopeTheta = rotary.Theta,
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
