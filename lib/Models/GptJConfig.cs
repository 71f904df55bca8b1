using System.Text.Json;

namespace Logitscope.Models;

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
    /// <exception cref="Checkpoints.CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    public static GptJConfig Read(ConfigReader config)
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
