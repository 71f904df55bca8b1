using TorchSharp.Modules;

namespace Logitscope;

/// <summary>
/// GPT-NeoX, and with it Pythia: two layer norms a block, attention and MLP beside each other or one after the other,
/// rotary position embedding on the halves of part of each head, an untied unembedding. Weights and numerics are
/// HuggingFace's; nothing is folded or centred.
/// </summary>
/// <remarks>
/// Black et al., arXiv 2204.06745; Biderman et al., arXiv 2304.01373. One block in the parallel form:
/// <c>resid_post = resid_pre + attn(input_layernorm(resid_pre)) + mlp(post_attention_layernorm(resid_pre))</c>.
/// </remarks>
public sealed class GptNeoX : LanguageModel
{
    private readonly GptNeoXConfig _config;
    private readonly Embedding _embedIn;
    private readonly Block[] _blocks;
    private readonly LayerNorm _finalNorm;
    private readonly Linear _embedOut;

    /// <summary>Reads the weights under HuggingFace's names.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="weights">The reader at the root of the names.</param>
    /// <param name="options">Element type and device.</param>
    internal GptNeoX(GptNeoXConfig config, WeightReader weights, ModelOptions options)
        : base(weights, options)
    {
        _config = config;
        var rotary = Own(
            new RotaryEmbedding(config.RotaryDim, config.MaxPositionEmbeddings, options, config.RotaryEmbBase));
        var stem = weights.At("gpt_neox");
        var head = weights.At("embed_out");
        _embedIn = new Embedding(
            stem.At("embed_in"), config.VocabSize, config.HiddenSize, config.TieWordEmbeddings ? head : null);
        _blocks =
        [
            .. Enumerable.Range(0, config.NumHiddenLayers)
                .Select(l => new Block(config, stem.At($"layers.{l}"), rotary)),
        ];
        _finalNorm = new LayerNorm(stem.At("final_layer_norm"), config.HiddenSize, config.LayerNormEps);
        _embedOut = _embedIn.Head(head, config.TieWordEmbeddings, bias: false);
    }

    /// <inheritdoc/>
    public override string Architecture => "gpt_neox";

    /// <inheritdoc/>
    public override object Config => _config;

    /// <inheritdoc/>
    public override int Layers => _config.NumHiddenLayers;

    /// <inheritdoc/>
    public override int Heads => _config.NumAttentionHeads;

    /// <inheritdoc/>
    public override int HiddenSize => _config.HiddenSize;

    /// <inheritdoc/>
    public override int VocabularySize => _config.VocabSize;

    /// <inheritdoc/>
    public override int ContextLength => _config.MaxPositionEmbeddings;

    /// <inheritdoc/>
    public override bool HasResidMid => !_config.UseParallelResidual;

    /// <inheritdoc/>
    public override Tensor FinalNorm(Tensor residual) => _finalNorm.Apply(residual);

    /// <inheritdoc/>
    public override Tensor Head(Tensor normal) => _embedOut.Apply(normal);

    /// <inheritdoc/>
    protected internal override Tensor FrozenNorm(Tensor part, Tensor whole) => _finalNorm.ApplyFrozen(part, whole);

    /// <inheritdoc/>
    protected internal override Tensor Embed(Tensor ids, int past) => _embedIn.Apply(ids);

    /// <inheritdoc/>
    protected internal override Tensor RunBlock(int layer, Tensor residPre, Pass pass)
    {
        var block = _blocks[layer];
        var attention = pass.At(Site.AttnOut, layer, block.Attention.Apply(layer, block.InputNorm.Apply(residPre), pass));
        if (_config.UseParallelResidual)
        {
            return pass.At(Site.MlpOut, layer, block.Mlp.Apply(block.PostAttentionNorm.Apply(residPre))) + attention + residPre;
        }

        var middle = pass.At(Site.ResidMid, layer, attention + residPre);
        return pass.At(Site.MlpOut, layer, block.Mlp.Apply(block.PostAttentionNorm.Apply(middle))) + middle;
    }

    private sealed class Block(GptNeoXConfig config, WeightReader weights, RotaryEmbedding rotary)
    {
        public LayerNorm InputNorm { get; } =
            new(weights.At("input_layernorm"), config.HiddenSize, config.LayerNormEps);

        public SelfAttention Attention { get; } = new(config, weights.At("attention"), rotary);

        public LayerNorm PostAttentionNorm { get; } =
            new(weights.At("post_attention_layernorm"), config.HiddenSize, config.LayerNormEps);

        public Perceptron Mlp { get; } = new(config, weights.At("mlp"));
    }

    private sealed class SelfAttention(GptNeoXConfig config, WeightReader weights, RotaryEmbedding rotary)
    {
        private readonly Linear _queryKeyValue =
            new(weights.At("query_key_value"), config.HiddenSize, 3 * config.HiddenSize, config.AttentionBias);

        private readonly Linear _dense =
            new(weights.At("dense"), config.HiddenSize, config.HiddenSize, config.AttentionBias);

        public Tensor Apply(int layer, Tensor normal, Pass pass)
        {
            // [batch, head, position, 3 * head_dim]: each head has its query, its key and its value side by side.
            var fused = Attention.SplitHeads(_queryKeyValue.Apply(normal), config.NumAttentionHeads);
            var queries = rotary.RotateHalves(Attention.Widen(Part(fused, 0)), pass.Past);
            var keys = rotary.RotateHalves(Attention.Widen(Part(fused, 1)), pass.Past);
            var values = Part(fused, 2);
            return _dense.Apply(Attention.MergeHeads(Attention.Causal(layer, queries, keys, values, pass)));
        }

        private Tensor Part(Tensor fused, int number) => fused.narrow(3, number * config.HeadDim, config.HeadDim);
    }

    private sealed class Perceptron(GptNeoXConfig config, WeightReader weights)
    {
        private readonly Linear _in =
            new(weights.At("dense_h_to_4h"), config.HiddenSize, config.IntermediateSize, bias: true);

        private readonly Linear _out =
            new(weights.At("dense_4h_to_h"), config.IntermediateSize, config.HiddenSize, bias: true);

        public Tensor Apply(Tensor normal) =>
            _out.Apply(nn.functional.gelu(_in.Apply(normal), GELU.Approximate.none));
    }
}

/// <summary>The sizes of a GPT-NeoX model, under HuggingFace's names.</summary>
public sealed record GptNeoXConfig
{
    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Attention heads a block.</summary>
    public required int NumAttentionHeads { get; init; }

    /// <summary>Blocks.</summary>
    public required int NumHiddenLayers { get; init; }

    /// <summary>The longest sequence, in tokens.</summary>
    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>Width of the MLP's hidden layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Rows of the embedding, padding included.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Added to the variance in layer norm.</summary>
    public required double LayerNormEps { get; init; }

    /// <summary>The share of each head's dimensions that is rotated by position.</summary>
    public required double RotaryPct { get; init; }

    /// <summary>The base of the rotary frequencies.</summary>
    public required double RotaryEmbBase { get; init; }

    /// <summary>Whether the MLP reads the block's input, beside the attention, not what the attention has written.</summary>
    public required bool UseParallelResidual { get; init; }

    /// <summary>Whether the attention's matrices have biases.</summary>
    public required bool AttentionBias { get; init; }

    /// <summary>Whether the embedding is the unembedding too, unless both are stored with different numbers.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Dimensions of one head.</summary>
    public int HeadDim => HiddenSize / NumAttentionHeads;

    /// <summary>How many dimensions of each head are rotated by position.</summary>
    public int RotaryDim => (int)(HeadDim * RotaryPct);

    /// <summary>Reads and checks the fields of <c>config.json</c>.</summary>
    /// <param name="config">The file.</param>
    /// <returns>The sizes.</returns>
    /// <exception cref="CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    internal static GptNeoXConfig Read(ConfigReader config)
    {
        config.Require("hidden_act", config.Text("hidden_act", "gelu"), "gelu");
        var theta = config.Positive("rotary_emb_base", otherwise: 10000);
        var rotary = RotaryConfig.Read(config, new(theta, config.Number("rotary_pct", otherwise: 0.25)));
        config.RequireSame("rope_theta", rotary.Theta); // other names of the two, which transformers 5 does not read
        config.RequireSame("partial_rotary_factor", rotary.Share);
        var hidden = config.Count("hidden_size");
        var heads = config.CountOfHeads(["num_attention_heads"], hidden);
        config.RequireSame("head_dim", hidden / heads);
        config.RequireSame("num_key_value_heads", heads);
        var sizes = new GptNeoXConfig
        {
            HiddenSize = hidden,
            NumAttentionHeads = heads,
            NumHiddenLayers = config.Count("num_hidden_layers"),
            MaxPositionEmbeddings = config.Count("max_position_embeddings"),
            IntermediateSize = config.Count("intermediate_size"),
            VocabSize = config.Count("vocab_size"),
            LayerNormEps = config.Positive("layer_norm_eps", otherwise: 1e-5),
            RotaryPct = rotary.Share,
            RotaryEmbBase = rotary.Theta,
            UseParallelResidual = config.Flag("use_parallel_residual", otherwise: true),
            AttentionBias = config.Flag("attention_bias", otherwise: true),
            TieWordEmbeddings = config.Flag("tie_word_embeddings", otherwise: false),
        };

        if (sizes.RotaryDim <= 0 || sizes.RotaryDim % 2 != 0 || sizes.RotaryDim > sizes.HeadDim)
        {
            throw config.Wrong(
                "rotary_pct",
                $"a share of the head's {sizes.HeadDim} that is an even number of dimensions",
                $"{sizes.RotaryPct}, which is {sizes.RotaryDim}");
        }

        config.RequireAngles("max_position_embeddings", sizes.MaxPositionEmbeddings, sizes.RotaryDim);
        return sizes;
    }
}
