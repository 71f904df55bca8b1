using TorchSharp.Modules;

namespace Logitscope;

/// <summary>
/// Gemma 2 and Gemma 3's texts: LLaMA's block between four norms, of which two stand behind attention and MLP; embeddings scaled by
/// the root of their width; windows in most blocks. Gemma 2 caps scores and logits; Gemma 3 norms each head's query and key, and
/// rotates otherwise where there is a window. Weights and numerics are HuggingFace's; nothing is folded.
/// </summary>
/// <remarks>
/// Gemma Team, arXiv 2408.00118 and 2503.19786. One block: <c>mid = resid_pre + N2(attn(N1(resid_pre)))</c>,
/// <c>resid_post = mid + N4(mlp(N3(mid)))</c>; attn_out and mlp_out are what is added, behind the norm.
/// </remarks>
public sealed class Gemma : LanguageModel
{
    private readonly GemmaConfig _config;
    private readonly Embedding _embedding;
    private readonly double _scale;
    private readonly Block[] _blocks;
    private readonly Norm _norm;
    private readonly Linear _lmHead;

    /// <summary>Reads the weights under HuggingFace's names.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="weights">The reader at the root of the names.</param>
    /// <param name="options">Element type and device.</param>
    internal Gemma(GemmaConfig config, WeightReader weights, ModelOptions options)
        : base(weights, options)
    {
        _config = config;
        var (positions, size) = (config.MaxPositionEmbeddings, config.HeadDim);
        var far = Own(new RotaryEmbedding(size, positions, options, config.RopeTheta, config.RopeScaling));
        var near = config.RopeLocalBaseFreq is { } theta ? Own(new RotaryEmbedding(size, positions, options, theta, config.RopeLocalScaling)) : far;
        var model = weights.At("model");
        var head = weights.At("lm_head");
        _embedding = new Embedding(
            model.At("embed_tokens"), config.VocabSize, config.HiddenSize, config.TieWordEmbeddings ? head : null);
        _scale = Rounded(Math.Sqrt(config.HiddenSize), options.Dtype);
        _blocks =
        [
            .. Enumerable.Range(0, config.NumHiddenLayers)
                .Select(l => new Block(config, model.At($"layers.{l}"), config.WindowOf(l) is null ? far : near)),
        ];
        _norm = new Norm(model.At("norm"), config.HiddenSize, config.RmsNormEps);
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
    public override bool WritesAreLinear => false;

    /// <inheritdoc/>
    public override int VocabularySize => _config.VocabSize;

    /// <inheritdoc/>
    public override int ContextLength => _config.MaxPositionEmbeddings;

    /// <inheritdoc/>
    public override Tensor FinalNorm(Tensor residual) => _norm.Apply(residual);

    /// <inheritdoc/>
    public override Tensor Head(Tensor normal)
    {
        var logits = _lmHead.Apply(normal);
        return _config.FinalLogitSoftcapping is { } cap ? Attention.Capped(logits, cap) : logits;
    }

    /// <inheritdoc/>
    protected internal override Tensor FrozenNorm(Tensor part, Tensor whole) => _norm.ApplyFrozen(part, whole);

    /// <inheritdoc/>
    protected internal override Tensor Embed(Tensor ids, int past) => _embedding.Apply(ids) * _scale;

    /// <inheritdoc/>
    protected internal override Tensor RunBlock(int layer, Tensor residPre, Pass pass)
    {
        var block = _blocks[layer];
        var attention = block.Attention.Apply(layer, block.InputNorm.Apply(residPre), pass);
        var middle = pass.At(Site.ResidMid, layer, residPre + pass.At(Site.AttnOut, layer, block.PostAttentionNorm.Apply(attention)));
        var mlp = block.Mlp.Apply(block.PreFeedforwardNorm.Apply(middle));
        return middle + pass.At(Site.MlpOut, layer, block.PostFeedforwardNorm.Apply(mlp));
    }

    // HuggingFace multiplies by a number of the weights' type.
    private static double Rounded(double value, ScalarType type)
    {
        using var scope = NewDisposeScope();
        return tensor(value, float64).to(type).to(float64).item<double>();
    }

    private sealed class Block(GemmaConfig config, WeightReader weights, RotaryEmbedding rotary)
    {
        public Norm InputNorm { get; } = new(weights.At("input_layernorm"), config.HiddenSize, config.RmsNormEps);

        public SelfAttention Attention { get; } = new(config, weights.At("self_attn"), rotary);

        public Norm PostAttentionNorm { get; } = new(weights.At("post_attention_layernorm"), config.HiddenSize, config.RmsNormEps);

        public Norm PreFeedforwardNorm { get; } = new(weights.At("pre_feedforward_layernorm"), config.HiddenSize, config.RmsNormEps);

        public GatedPerceptron Mlp { get; } = new(config, weights.At("mlp"));

        public Norm PostFeedforwardNorm { get; } = new(weights.At("post_feedforward_layernorm"), config.HiddenSize, config.RmsNormEps);
    }

    private sealed class SelfAttention(GemmaConfig config, WeightReader weights, RotaryEmbedding rotary)
    {
        private readonly Linear _query = Projection(config, weights.At("q_proj"), config.NumAttentionHeads);
        private readonly Linear _key = Projection(config, weights.At("k_proj"), config.NumKeyValueHeads);
        private readonly Linear _value = Projection(config, weights.At("v_proj"), config.NumKeyValueHeads);
        private readonly Linear _output =
            new(weights.At("o_proj"), config.NumAttentionHeads * config.HeadDim, config.HiddenSize, config.AttentionBias);

        private readonly Norm? _queryNorm = HeadNorm(config, weights.At("q_norm"));
        private readonly Norm? _keyNorm = HeadNorm(config, weights.At("k_norm"));

        public Tensor Apply(int layer, Tensor normal, Pass pass)
        {
            var queries = Attention.SplitHeads(_query.Apply(normal), config.NumAttentionHeads);
            var keys = Attention.SplitHeads(_key.Apply(normal), config.NumKeyValueHeads);
            var values = Attention.SplitHeads(_value.Apply(normal), config.NumKeyValueHeads);
            (queries, keys) = (_queryNorm?.Apply(queries) ?? queries, _keyNorm?.Apply(keys) ?? keys);
            queries = rotary.RotateHalves(Attention.Widen(queries), pass.Past);
            keys = rotary.RotateHalves(Attention.Widen(keys), pass.Past);
            return _output.Apply(Attention.MergeHeads(Attention.Causal(
                layer, queries, keys, values, pass, config.WindowOf(layer), config.QueryPreAttnScalar, config.AttnLogitSoftcapping)));
        }

        private static Linear Projection(GemmaConfig config, WeightReader weights, int heads) =>
            new(weights, config.HiddenSize, heads * config.HeadDim, config.AttentionBias);

        private static Norm? HeadNorm(GemmaConfig config, WeightReader weights) =>
            config.QueryKeyNorm ? new(weights, config.HeadDim, config.RmsNormEps) : null;
    }

    private sealed class GatedPerceptron(GemmaConfig config, WeightReader weights)
    {
        private readonly Linear _gate = new(weights.At("gate_proj"), config.HiddenSize, config.IntermediateSize, bias: false);
        private readonly Linear _up = new(weights.At("up_proj"), config.HiddenSize, config.IntermediateSize, bias: false);
        private readonly Linear _down = new(weights.At("down_proj"), config.IntermediateSize, config.HiddenSize, bias: false);

        public Tensor Apply(Tensor normal) =>
            _down.Apply(nn.functional.gelu(_gate.Apply(normal), GELU.Approximate.tanh) * _up.Apply(normal));
    }

    // A root-mean-square norm whose weight counts from one; half types are narrowed after the scale, unlike LLaMA's.
    private sealed class Norm(WeightReader weights, int size, double epsilon)
    {
        private readonly Tensor _weight = weights.Read("weight", size);

        public Tensor Apply(Tensor input)
        {
            var wide = Attention.Widen(input);
            return ApplyFrozen(wide, wide).to(input.dtype);
        }

        public Tensor ApplyFrozen(Tensor part, Tensor whole) =>
            part * (whole.square().mean([-1], keepdim: true) + epsilon).rsqrt() * (Attention.Widen(_weight) + 1);
    }
}

/// <summary>The sizes of a Gemma 2 or Gemma 3 text model, under HuggingFace's names.</summary>
public sealed record GemmaConfig
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

    /// <summary>Scores are divided by its root.</summary>
    public required double QueryPreAttnScalar { get; init; }

    /// <summary>The most that a score may be, either way; null: anything.</summary>
    public double? AttnLogitSoftcapping { get; init; }

    /// <summary>The most that a logit may be, either way; null: anything.</summary>
    public double? FinalLogitSoftcapping { get; init; }

    /// <summary>How many tokens one sees, itself counted, in a block with a window.</summary>
    public required int SlidingWindow { get; init; }

    /// <summary>Each so many-th block has no window.</summary>
    public required int SlidingWindowPattern { get; init; }

    /// <summary>The base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>What slows the rotary frequencies; null: nothing.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>The base of the rotary frequencies in a block with a window; null: the same.</summary>
    public double? RopeLocalBaseFreq { get; init; }

    /// <summary>What slows the rotary frequencies in a block with a window; null: nothing.</summary>
    public RopeScaling? RopeLocalScaling { get; init; }

    /// <summary>Whether each head's query and key are normalised before they are rotated.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Whether the attention's matrices have biases.</summary>
    public required bool AttentionBias { get; init; }

    /// <summary>Whether the embedding is the unembedding too.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>The window of a block; null: none.</summary>
    internal int? WindowOf(int layer) => (layer + 1) % SlidingWindowPattern == 0 ? null : SlidingWindow;

    /// <summary>Reads and checks the fields of Gemma 2's <c>config.json</c>.</summary>
    /// <param name="config">The file.</param>
    /// <returns>The sizes.</returns>
    /// <exception cref="CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    internal static GemmaConfig ReadGemma2(ConfigReader config)
    {
        var rotary = RotaryConfig.Read(config, new(config.Positive("rope_theta", otherwise: 10000), Share: 1), RopeScaling.Implemented);
        config.Require("rope_parameters.partial_rotary_factor", rotary.Share, 1);
        return Sizes(config, rotary, pattern: 2) with
        {
            AttnLogitSoftcapping = config.PositiveUnlessNull("attn_logit_softcapping", otherwise: 50),
            FinalLogitSoftcapping = config.PositiveUnlessNull("final_logit_softcapping", otherwise: 30),
        };
    }

    /// <summary>The same of Gemma 3's texts, whose blocks with a window have rotary settings of their own.</summary>
    internal static GemmaConfig ReadGemma3(ConfigReader config)
    {
        var both = config.Section("rope_parameters");
        var earlier = new RotaryConfig(config.Positive("rope_theta", otherwise: 1e6), Share: 1);
        var far = RotaryConfig.ReadSection(
            config.Section("rope_scaling") ?? both?.Section("full_attention"), earlier, RopeScaling.Implemented);
        var near = RotaryConfig.ReadSection(
            both?.Section("sliding_attention"), new(config.Positive("rope_local_base_freq", otherwise: 10000), Share: 1), RopeScaling.Implemented);
        both?.RequireOneOf("rope_type", both.Text("rope_type", otherwise: "default"), ["default"]);
        both?.RequireNothingElse();
        config.Require("rope_parameters.partial_rotary_factor", far.Share * near.Share, 1);
        return Sizes(config, far, config.Count("sliding_window_pattern", otherwise: 6)) with
        {
            RopeLocalBaseFreq = near.Theta,
            RopeLocalScaling = near.Scaling,
            QueryKeyNorm = true,
            FinalLogitSoftcapping = config.PositiveUnlessNull("final_logit_softcapping", otherwise: null),
        };
    }

    private static GemmaConfig Sizes(ConfigReader config, RotaryConfig rotary, int pattern)
    {
        const string activation = "gelu_pytorch_tanh", sliding = "sliding_attention", full = "full_attention";
        config.Require("hidden_activation", config.Text("hidden_activation", activation), activation);
        config.Require("hidden_act", config.Text("hidden_act", activation), activation); // older files have both
        config.RequireSame("partial_rotary_factor", 1);
        var hidden = config.Count("hidden_size");
        var heads = config.CountOfHeads(["num_attention_heads"], hidden);
        var layers = config.Count("num_hidden_layers");
        var sizes = new GemmaConfig
        {
            ModelType = config.Text("model_type"),
            HiddenSize = hidden,
            NumAttentionHeads = heads,
            NumKeyValueHeads = config.Count("num_key_value_heads", otherwise: 4),
            HeadDim = config.Count("head_dim", otherwise: 256),
            NumHiddenLayers = layers,
            MaxPositionEmbeddings = config.Count("max_position_embeddings"),
            IntermediateSize = config.Count("intermediate_size"),
            VocabSize = config.Count("vocab_size"),
            RmsNormEps = config.Positive("rms_norm_eps", otherwise: 1e-6),
            QueryPreAttnScalar = config.Positive("query_pre_attn_scalar", otherwise: 256),
            SlidingWindow = config.CountUnlessNull("sliding_window", otherwise: 4096)
                ?? throw config.Wrong("sliding_window", "a whole number above 0", "null"),
            SlidingWindowPattern = config.Words("layer_types") is not { } types ? pattern
                : Array.IndexOf(types, full) is >= 0 and var first ? first + 1 : layers + 1,
            RopeTheta = rotary.Theta,
            RopeScaling = rotary.Scaling,
            AttentionBias = config.Flag("attention_bias", otherwise: false),
            TieWordEmbeddings = config.Flag("tie_word_embeddings", otherwise: true),
        };
        config.RequireEach("layer_types", layer => sizes.WindowOf(layer) is null ? full : sliding);
        config.RequireSame("_sliding_window_pattern", sizes.SlidingWindowPattern);

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
