using TorchSharp.Modules;

namespace Logitscope;

/// <summary>
/// GPT-2: attention, then MLP, each on its own layer norm; learned absolute positions; the embedding is mostly the
/// unembedding too. Weights and numerics are HuggingFace's; nothing is folded or centred.
/// </summary>
/// <remarks>
/// Radford et al., Language Models are Unsupervised Multitask Learners, 2019. One block:
/// <c>mid = resid_pre + attn(ln_1(resid_pre))</c>, <c>resid_post = mid + mlp(ln_2(mid))</c>.
/// </remarks>
public sealed class Gpt2 : LanguageModel
{
    private readonly Gpt2Config _config;
    private readonly Embedding _wte;
    private readonly Tensor _wpe; // [position, hidden]
    private readonly Block[] _blocks;
    private readonly LayerNorm _lnF;
    private readonly Linear _lmHead;

    /// <summary>Reads the weights under HuggingFace's names, with <c>transformer.</c> before them or without.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="weights">The reader at the root of the names.</param>
    /// <param name="options">Element type and device.</param>
    internal Gpt2(Gpt2Config config, WeightReader weights, ModelOptions options)
        : base(weights, options)
    {
        _config = config;
        var transformer = weights.At("transformer");
        var stem = transformer.Has("wpe.weight") ? transformer : weights;
        var head = weights.At("lm_head");
        _wte = new Embedding(stem.At("wte"), config.VocabSize, config.NEmbd, config.TieWordEmbeddings ? head : null);
        _wpe = stem.Read("wpe.weight", config.NPositions, config.NEmbd);
        _blocks = [.. Enumerable.Range(0, config.NLayer).Select(l => new Block(config, stem.At($"h.{l}")))];
        _lnF = new LayerNorm(stem.At("ln_f"), config.NEmbd, config.LayerNormEpsilon);
        _lmHead = _wte.Head(head, config.TieWordEmbeddings, bias: false);
    }

    /// <inheritdoc/>
    public override string Architecture => "gpt2";

    /// <inheritdoc/>
    public override object Config => _config;

    /// <inheritdoc/>
    public override int Layers => _config.NLayer;

    /// <inheritdoc/>
    public override int Heads => _config.NHead;

    /// <inheritdoc/>
    public override int HiddenSize => _config.NEmbd;

    /// <inheritdoc/>
    public override int VocabularySize => _config.VocabSize;

    /// <inheritdoc/>
    public override int ContextLength => _config.NPositions;

    /// <inheritdoc/>
    public override Tensor FinalNorm(Tensor residual) => _lnF.Apply(residual);

    /// <inheritdoc/>
    public override Tensor Head(Tensor normal) => _lmHead.Apply(normal);

    /// <inheritdoc/>
    protected internal override Tensor FrozenNorm(Tensor part, Tensor whole) => _lnF.ApplyFrozen(part, whole);

    /// <inheritdoc/>
    protected internal override Tensor Embed(Tensor ids, int past) =>
        _wte.Apply(ids) + _wpe.narrow(0, past, ids.size(1));

    /// <inheritdoc/>
    protected internal override Tensor EmbedTokens(Tensor ids) => _wte.Apply(ids);

    /// <inheritdoc/>
    protected internal override Tensor RunBlock(int layer, Tensor residPre, Pass pass)
    {
        var block = _blocks[layer];
        var attention = pass.At(Site.AttnOut, layer, block.Attention.Apply(layer, block.Ln1.Apply(residPre), pass));
        var middle = pass.At(Site.ResidMid, layer, attention + residPre);
        return middle + pass.At(Site.MlpOut, layer, block.Mlp.Apply(block.Ln2.Apply(middle)));
    }

    private sealed class Block(Gpt2Config config, WeightReader weights)
    {
        public LayerNorm Ln1 { get; } = new(weights.At("ln_1"), config.NEmbd, config.LayerNormEpsilon);

        public SelfAttention Attention { get; } = new(config, weights.At("attn"));

        public LayerNorm Ln2 { get; } = new(weights.At("ln_2"), config.NEmbd, config.LayerNormEpsilon);

        public Perceptron Mlp { get; } = new(config, weights.At("mlp"));
    }

    private sealed class SelfAttention(Gpt2Config config, WeightReader weights)
    {
        private readonly Conv1D _queryKeyValue = new(weights.At("c_attn"), config.NEmbd, 3 * config.NEmbd);
        private readonly Conv1D _output = new(weights.At("c_proj"), config.NEmbd, config.NEmbd);

        public Tensor Apply(int layer, Tensor normal, Pass pass)
        {
            var fused = _queryKeyValue.Apply(normal); // [batch, position, 3 * hidden]
            var queries = Attention.Widen(Part(fused, 0));
            var keys = Attention.Widen(Part(fused, 1));
            var values = Part(fused, 2);
            return _output.Apply(Attention.MergeHeads(Attention.Causal(layer, queries, keys, values, pass)));
        }

        private Tensor Part(Tensor fused, int number) =>
            Attention.SplitHeads(fused.narrow(2, number * config.NEmbd, config.NEmbd), config.NHead);
    }

    private sealed class Perceptron(Gpt2Config config, WeightReader weights)
    {
        private readonly Conv1D _fc = new(weights.At("c_fc"), config.NEmbd, config.NInner);
        private readonly Conv1D _proj = new(weights.At("c_proj"), config.NInner, config.NEmbd);

        public Tensor Apply(Tensor normal) =>
            _proj.Apply(nn.functional.gelu(_fc.Apply(normal), GELU.Approximate.tanh));
    }

    // A linear layer whose matrix is stored the other way round.
    private sealed class Conv1D(WeightReader weights, int input, int output)
    {
        private readonly Tensor _weight = weights.Read("weight", input, output);
        private readonly Tensor _bias = weights.Read("bias", output);

        public Tensor Apply(Tensor hidden) => nn.functional.linear(hidden, _weight.transpose(0, 1), _bias);
    }
}

/// <summary>The sizes of a GPT-2 model, under HuggingFace's names.</summary>
public sealed record Gpt2Config
{
    /// <summary>Width of the residual stream.</summary>
    public required int NEmbd { get; init; }

    /// <summary>Attention heads a block.</summary>
    public required int NHead { get; init; }

    /// <summary>Blocks.</summary>
    public required int NLayer { get; init; }

    /// <summary>The longest sequence, in tokens.</summary>
    public required int NPositions { get; init; }

    /// <summary>Width of the MLP's hidden layer.</summary>
    public required int NInner { get; init; }

    /// <summary>Rows of the embedding, padding included.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Added to the variance in layer norm.</summary>
    public required double LayerNormEpsilon { get; init; }

    /// <summary>Whether the embedding is the unembedding too, unless both are stored with different numbers.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Reads and checks the fields of <c>config.json</c>.</summary>
    /// <param name="config">The file.</param>
    /// <returns>The sizes.</returns>
    /// <exception cref="CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    internal static Gpt2Config Read(ConfigReader config)
    {
        config.Require("activation_function", config.Text("activation_function", "gelu_new"), "gelu_new");
        config.RequireFlag("scale_attn_weights", true);
        config.RequireFlag("scale_attn_by_inverse_layer_idx", false);
        config.RequireFlag("reorder_and_upcast_attn", false);
        config.RequireFlag("add_cross_attention", false);
        var hidden = config.Count(["n_embd", "hidden_size"]);
        var heads = config.CountOfHeads(["n_head", "num_attention_heads"], hidden);
        config.RequireSame("head_dim", hidden / heads);
        config.RequireSame("num_key_value_heads", heads);
        return new Gpt2Config
        {
            NEmbd = hidden,
            NHead = heads,
            NLayer = config.Count(["n_layer", "num_hidden_layers"]),
            NPositions = config.Count(["n_positions", "max_position_embeddings"]),
            NInner = config.Count("n_inner", otherwise: 4 * hidden),
            VocabSize = config.Count("vocab_size"),
            LayerNormEpsilon = config.Positive("layer_norm_epsilon", otherwise: 1e-5),
            TieWordEmbeddings = config.Flag("tie_word_embeddings", otherwise: true),
        };
    }
}
