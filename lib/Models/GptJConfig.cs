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

    /// <summary>Dimensions of one head.</summary>
    public int HeadDim => NEmbd / NHead;

    /// <summary>Reads and checks the fields of <c>config.json</c>.</summary>
    /// <param name="config">The file.</param>
    /// <returns>The sizes.</returns>
    /// <exception cref="Checkpoints.CheckpointException">A field is missing, inconsistent or not implemented.</exception>
    public static GptJConfig Read(ConfigReader config)
    {
        config.Require("activation_function", config.Text("activation_function", "gelu_new"), "gelu_new");
        config.Require("tie_word_embeddings", config.Flag("tie_word_embeddings", otherwise: false), false);

        var sizes = new GptJConfig
        {
            NEmbd = config.Count("n_embd"),
            NHead = config.Count("n_head"),
            NLayer = config.Count("n_layer"),
            NPositions = config.Count("n_positions"),
            RotaryDim = config.Count("rotary_dim"),
            NInner = config.Count("n_inner", otherwise: 4 * config.Count("n_embd")),
            VocabSize = config.Count("vocab_size"),
            LayerNormEpsilon = config.Number("layer_norm_epsilon", otherwise: 1e-5),
        };

        if (sizes.NEmbd % sizes.NHead != 0)
        {
            throw config.Wrong("n_head", $"a divisor of n_embd {sizes.NEmbd}", $"{sizes.NHead}");
        }

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
            tie_word_embeddings = false,
            bos_token_id = bos,
            eos_token_id = eos,
            torch_dtype = "bfloat16",
        };
        AtomicFile.Write(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(fields, s_indented) + "\n");
    }
}
