using System.Text.Json;
using TorchSharp.Modules;

namespace Logitscope;

/// <summary>
/// GPT-J: parallel attention and MLP on one layer norm, rotary position embedding on adjacent pairs, and an untied
/// unembedding with bias. Weights and numerics are HuggingFace's; nothing is folded or centred.
/// </summary>
/// <remarks>
/// Wang and Komatsuzaki, GPT-J-6B, 2021, https://github.com/kingoflolz/mesh-transformer-jax.
/// One block: <c>resid_post = resid_pre + attn(ln_1(resid_pre)) + mlp(ln_1(resid_pre))</c>.
/// </remarks>
public sealed class GptJ : LanguageModel
{
    private readonly GptJConfig _config;
    private readonly Embedding _wte;
    private readonly Block[] _blocks;
    private readonly LayerNorm _lnF;
    private readonly Linear _lmHead;

    /// <summary>Reads the weights under HuggingFace's names.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="weights">The reader at the root of the names.</param>
    /// <param name="options">Element type and device.</param>
    internal GptJ(GptJConfig config, WeightReader weights, ModelOptions options)
        : base(weights, options)
    {
        _config = config;
        var rotary = Own(new RotaryEmbedding(config.RotaryDim, config.NPositions, options));
        var transformer = weights.At("transformer");
        var head = weights.At("lm_head");
        _wte = new Embedding(transformer.At("wte"), config.VocabSize, config.NEmbd, config.TieWordEmbeddings ? head : null);
        _blocks = [.. Enumerable.Range(0, config.NLayer).Select(l => new Block(config, transformer.At($"h.{l}"), rotary))];
        _lnF = new LayerNorm(transformer.At("ln_f"), config.NEmbd, config.LayerNormEpsilon);
        _lmHead = _wte.Head(head, config.TieWordEmbeddings, bias: true);
    }

    /// <inheritdoc/>
    public override string Architecture => "gptj";

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
    public override bool HasResidMid => false;

    /// <inheritdoc/>
    public override Tensor FinalNorm(Tensor residual) => _lnF.Apply(residual);

    /// <inheritdoc/>
    public override Tensor Head(Tensor normal) => _lmHead.Apply(normal);

    /// <inheritdoc/>
    protected internal override Tensor FrozenNorm(Tensor part, Tensor whole) => _lnF.ApplyFrozen(part, whole);

    /// <inheritdoc/>
    protected internal override Tensor Embed(Tensor ids, int past) => _wte.Apply(ids);

    /// <inheritdoc/>
    protected internal override Tensor RunBlock(int layer, Tensor residPre, Pass pass)
    {
        var block = _blocks[layer];
        var normal = block.Ln1.Apply(residPre); // [batch, position, hidden]
        var attention = pass.At(Site.AttnOut, layer, block.Attention.Apply(layer, normal, pass));
        return attention + pass.At(Site.MlpOut, layer, block.Mlp.Apply(normal)) + residPre;
    }

    private sealed class Block(GptJConfig config, WeightReader weights, RotaryEmbedding rotary)
    {
        public LayerNorm Ln1 { get; } = new(weights.At("ln_1"), config.NEmbd, config.LayerNormEpsilon);

        public SelfAttention Attention { get; } = new(config, weights.At("attn"), rotary);

        public Perceptron Mlp { get; } = new(config, weights.At("mlp"));
    }

    private sealed class SelfAttention(GptJConfig config, WeightReader weights, RotaryEmbedding rotary)
    {
        private readonly Linear _query = new(weights.At("q_proj"), config.NEmbd, config.NEmbd, bias: false);
        private readonly Linear _key = new(weights.At("k_proj"), config.NEmbd, config.NEmbd, bias: false);
        private readonly Linear _value = new(weights.At("v_proj"), config.NEmbd, config.NEmbd, bias: false);
        private readonly Linear _output = new(weights.At("out_proj"), config.NEmbd, config.NEmbd, bias: false);

        public Tensor Apply(int layer, Tensor normal, Pass pass)
        {
            var queries = rotary.RotatePairs(Attention.Widen(Split(_query.Apply(normal))), pass.Past);
            var keys = rotary.RotatePairs(Attention.Widen(Split(_key.Apply(normal))), pass.Past);
            var values = Split(_value.Apply(normal));
            return _output.Apply(Attention.MergeHeads(Attention.Causal(layer, queries, keys, values, pass)));
        }

        private Tensor Split(Tensor hidden) => Attention.SplitHeads(hidden, config.NHead);
    }

    private sealed class Perceptron(GptJConfig config, WeightReader weights)
    {
        private readonly Linear _fcIn = new(weights.At("fc_in"), config.NEmbd, config.NInner, bias: true);
        private readonly Linear _fcOut = new(weights.At("fc_out"), config.NInner, config.NEmbd, bias: true);

        public Tensor Apply(Tensor normal) =>
            _fcOut.Apply(nn.functional.gelu(_fcIn.Apply(normal), GELU.Approximate.tanh));
    }
}

/// <summary>The sizes of a GPT-J model, under HuggingFace's names.</summary>
public sealed record GptJConfig
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Width of the residual stream.</summary>
    public required int NEmbd { get; init; }

    /// <summary>Attention heads a block.</summary>
    public required int NHead { get; init; }

    /// <summary>Blocks.</summary>
    public required int NLayer { get; init; }

    /// <summary>The longest sequence, in tokens.</summary>
    public required int NPositions { get; init; }

    /// <summary>How many dimensions of each head are rotated by position.</summary>
    public required int RotaryDim { get; init; }

    /// <summary>Width of the MLP's hidden layer.</summary>
    public required int NInner { get; init; }

    /// <summary>Rows of the embedding, padding included.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Added to the variance in layer norm.</summary>
    public required double LayerNormEpsilon { get; init; }

    /// <summary>Whether the embedding is the unembedding too, unless both are stored with different numbers.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Dimensions of one head.</summary>
    public int HeadDim => NEmbd / NHead;

    /// <summary>Reads and checks the fields of <c>config.json</c>.</summary>
    /// <param name="config">The file.</param>
    /// <returns>The sizes.</returns>
    /// <exception cref="CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    internal static GptJConfig Read(ConfigReader config)
    {
        config.Require("activation_function", config.Text("activation_function", "gelu_new"), "gelu_new");
        config.RequireFlag("scale_attn_weights", true); // of earlier versions, which never read it either
        config.RequireFlag("rotary", true); // of the first release
        var hidden = config.Count(["n_embd", "hidden_size"]);
        var heads = config.CountOfHeads(["n_head", "num_attention_heads"], hidden);
        config.RequireSame("head_dim", hidden / heads);
        config.RequireSame("num_key_value_heads", heads);
        var sizes = new GptJConfig
        {
            NEmbd = hidden,
            NHead = heads,
            NLayer = config.Count(["n_layer", "num_hidden_layers"]),
            NPositions = config.Count(["n_positions", "max_position_embeddings"]),
            RotaryDim = config.Count("rotary_dim"),
            NInner = config.Count("n_inner", otherwise: 4 * hidden),
            VocabSize = config.Count("vocab_size"),
            LayerNormEpsilon = config.Positive("layer_norm_epsilon", otherwise: 1e-5),
            TieWordEmbeddings = config.Flag("tie_word_embeddings", otherwise: false),
        };

        RotaryConfig.RequireDefault(config);
        if (sizes.RotaryDim % 2 != 0 || sizes.RotaryDim > sizes.HeadDim)
        {
            throw config.Wrong("rotary_dim", $"an even number up to the head's {sizes.HeadDim}", $"{sizes.RotaryDim}");
        }

        config.RequireAngles("n_positions", sizes.NPositions, sizes.RotaryDim);
        return sizes;
    }

    /// <summary>Writes <c>config.json</c> of a bfloat16 model, which <see cref="Read"/> takes.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="bos">The id of the token before a text, where there is one.</param>
    /// <param name="eos">The id of the token after it, where there is one.</param>
    internal void Write(string folder, int? bos = null, int? eos = null)
    {
        string[] architectures = ["GPTJForCausalLM"];
        var fields = new
        {
            architectures,
            model_type = "gptj",
            activation_function = "gelu_new",
            vocab_size = VocabSize,
            n_positions = NPositions,
            n_embd = NEmbd,
            n_layer = NLayer,
            n_head = NHead,
            n_inner = NInner == 4 * NEmbd ? (int?)null : NInner,
            rotary_dim = RotaryDim,
            layer_norm_epsilon = LayerNormEpsilon,
            tie_word_embeddings = TieWordEmbeddings,
            bos_token_id = bos,
            eos_token_id = eos,
            torch_dtype = "bfloat16",
        };
        AtomicFile.Write(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(fields, s_indented) + "\n");
    }
}
