namespace Logitscope.Models;

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
    /// <exception cref="Checkpoints.CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    public static Gpt2Config Read(ConfigReader config)
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
