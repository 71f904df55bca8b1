using Logitscope.Checkpoints;
using TorchSharp.Modules;

namespace Logitscope.Models;

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
    public override Tensor Unembed(Tensor residual) => _embedOut.Apply(_finalNorm.Apply(residual));

    /// <inheritdoc/>
    protected internal override Tensor Embed(Tensor ids, int past) => _embedIn.Apply(ids);

    /// <inheritdoc/>
    protected internal override Tensor RunBlock(int layer, Tensor residPre, KeyValueCache? cache)
    {
        var block = _blocks[layer];
        var attention = block.Attention.Apply(layer, block.InputNorm.Apply(residPre), cache);
        if (_config.UseParallelResidual)
        {
            return block.Mlp.Apply(block.PostAttentionNorm.Apply(residPre)) + attention + residPre;
        }

        var middle = attention + residPre;
        return block.Mlp.Apply(block.PostAttentionNorm.Apply(middle)) + middle;
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

        public Tensor Apply(int layer, Tensor normal, KeyValueCache? cache)
        {
            var past = cache?.Length ?? 0;

            // [batch, head, position, 3 * head_dim]: each head has its query, its key and its value side by side.
            var fused = Attention.SplitHeads(_queryKeyValue.Apply(normal), config.NumAttentionHeads);
            var queries = rotary.RotateHalves(Attention.Widen(Part(fused, 0)), past);
            var keys = rotary.RotateHalves(Attention.Widen(Part(fused, 1)), past);
            var values = Part(fused, 2);
            return _dense.Apply(Attention.MergeHeads(Attention.Causal(layer, queries, keys, values, cache)));
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
