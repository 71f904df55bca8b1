namespace Logitscope.Models;

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
    /// <exception cref="Checkpoints.CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    public static LlamaConfig Read(ConfigReader config)
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
