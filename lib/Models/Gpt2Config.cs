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

    /// <summary>Reads and checks the fields of <c>config.json</c>.</summary>
    /// <param name="config">The file.</param>
    /// <returns>The sizes.</returns>
    /// <exception cref="Checkpoints.CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    public static Gpt2Config Read(ConfigReader config)
    {
        config.Require("activation_function", config.Text("activation_function", "gelu_new"), "gelu_new");
        RequireFlag("tie_word_embeddings", true);
        RequireFlag("scale_attn_weights", true);
        RequireFlag("scale_attn_by_inverse_layer_idx", false);
        RequireFlag("reorder_and_upcast_attn", false);
        RequireFlag("add_cross_attention", false);

        var sizes = new Gpt2Config
        {
            NEmbd = config.Count("n_embd"),
            NHead = config.Count("n_head"),
            NLayer = config.Count("n_layer"),
            NPositions = config.Count("n_positions"),
            NInner = config.Count("n_inner", otherwise: 4 * config.Count("n_embd")),
            VocabSize = config.Count("vocab_size"),
            LayerNormEpsilon = config.Number("layer_norm_epsilon", otherwise: 1e-5),
        };

        return sizes.NEmbd % sizes.NHead == 0
            ? sizes
            : throw config.Wrong("n_head", $"a divisor of n_embd {sizes.NEmbd}", $"{sizes.NHead}");

        void RequireFlag(string name, bool implemented) =>
            config.Require(name, config.Flag(name, otherwise: implemented), implemented);
    }
}
