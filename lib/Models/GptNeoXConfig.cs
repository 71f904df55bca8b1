namespace Logitscope.Models;

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
    /// <exception cref="Checkpoints.CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    public static GptNeoXConfig Read(ConfigReader config)
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
