using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Logitscope.World;

/// <summary>Everything that determines a trained model: the content of <c>recipe.json</c>.</summary>
internal sealed record TrainingRecipe
{
    /// <summary>The file of a model's folder that holds the recipe that it was trained by.</summary>
    public const string File = "recipe.json";

    private const string GptJ = "gptj";

    private const string Float32 = "float32";

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Starts weights and text.</summary>
    public required int Seed { get; init; }

    /// <summary>The family, as config.json's <c>model_type</c>: gptj, or gpt2 (learned positions, tied head).</summary>
    public string ModelType { get; init; } = GptJ;

    /// <summary>Blocks.</summary>
    public required int NLayer { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int NEmbd { get; init; }

    /// <summary>Attention heads a block.</summary>
    public required int NHead { get; init; }

    /// <summary>Rotated dimensions a head; 0 in GPT-2.</summary>
    public required int RotaryDim { get; init; }

    /// <summary>The longest sequence that the model takes, in tokens.</summary>
    public required int NPositions { get; init; }

    /// <summary>Merges of the byte-level BPE.</summary>
    public required int TokenizerMerges { get; init; }

    /// <summary>Characters of the corpus that the BPE is learned from.</summary>
    public required int TokenizerCharacters { get; init; }

    /// <summary>The natural text in the corpus; without it, all text is generated.</summary>
    public NaturalMix? Natural { get; init; }

    /// <summary>Whether the generated text is told in the wordings of <c>grammar.tsv</c> too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Grammar { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens a step; a multiple of each sequence length.</summary>
    public required int TokensPerStep { get; init; }

    /// <summary>Tokens a sequence: the lengths take turns, one a step.</summary>
    public required IReadOnlyList<int> SequenceLengths { get; init; }

    /// <summary>What forward and backward passes compute in, as <see cref="ModelOptions.ElementTypes"/> name it; weights
    /// and moments are float32.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string Arithmetic { get; init; } = Float32;

    /// <summary>Parts that the rows of a step are divided into, each with a thread of its own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Replicas { get; init; } = 1;

    /// <summary>The highest learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Steps over which the learning rate rises to it.</summary>
    public required int WarmupSteps { get; init; }

    /// <summary>Steps at the end over which the learning rate falls.</summary>
    public required int DecaySteps { get; init; }

    /// <summary>AdamW's decay of matrices, a step and unit of learning rate.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Longer gradients are cut to this norm.</summary>
    public required double GradientClip { get; init; }

    /// <summary>Steps between two checkpoints.</summary>
    public required int CheckpointEvery { get; init; }

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The recipe.</returns>
    /// <exception cref="TrainingException">It is missing, or a field is missing, unknown or of the wrong kind.</exception>
    public static TrainingRecipe Read(string path)
    {
        try
        {
            var recipe = JsonSerializer.Deserialize<TrainingRecipe>(System.IO.File.ReadAllText(path), s_json)
                ?? throw new TrainingException($"{path}: expected a recipe, got null");
            return recipe.Fault is { } fault ? throw new TrainingException($"{path}: {fault}") : recipe;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TrainingException($"{path}: not a recipe: {error.Message}", error);
        }
    }

    /// <summary>Writes <see cref="File"/>.</summary>
    /// <param name="folder">A model's folder.</param>
    public void Write(string folder) =>
        AtomicFile.Write(Path.Combine(folder, File), JsonSerializer.Serialize(this, s_json) + "\n");

    /// <summary>The learning rate of a step: a linear rise, a plateau, then half a cosine down to a tenth.</summary>
    /// <param name="step">0-based.</param>
    /// <returns>The rate.</returns>
    public double LearningRateAt(int step)
    {
        if (step < WarmupSteps)
        {
            return LearningRate * (step + 1) / WarmupSteps;
        }

        var done = Math.Max(0, (double)(step - (Steps - DecaySteps)) / DecaySteps);
        return LearningRate * (0.1 + (0.9 * 0.5 * (1 + Math.Cos(Math.PI * done))));
    }

    /// <summary>The length of a step's sequences.</summary>
    /// <param name="step">0-based.</param>
    /// <returns>Tokens.</returns>
    public int SequenceLengthAt(int step) => SequenceLengths[step % SequenceLengths.Count];

    /// <summary>Whether the model is of GPT-2's shape.</summary>
    [JsonIgnore]
    public bool IsGpt2 => ModelType == "gpt2";

    /// <summary>The element type of <see cref="Arithmetic"/>.</summary>
    [JsonIgnore]
    public ScalarType ArithmeticType => ModelOptions.ElementTypes[Arithmetic];

    private string? Fault =>
        !IsGpt2 && ModelType != GptJ
            ? $"expected model_type gptj or gpt2, got '{ModelType}'"
        : IsGpt2 != (RotaryDim == 0)
            ? $"expected rotary_dim 0 in gpt2 and above 0 in gptj, got {RotaryDim} in {ModelType}"
        : !ModelOptions.ElementTypes.ContainsKey(Arithmetic)
            ? $"expected arithmetic {string.Join(", ", ModelOptions.ElementTypes.Keys)}, got '{Arithmetic}'"
        : SequenceLengths.Count == 0
            ? "expected sequence_lengths, got none"
        : SequenceLengths.Where(IsWrong).Cast<int?>().FirstOrDefault() is { } wrong
            ? $"expected sequence lengths up to n_positions ({NPositions}) that divide tokens_per_step ({TokensPerStep}), "
                + $"got {wrong}"
        : Replicas < 1 || Replicas > TokensPerStep / SequenceLengths.Min()
            ? $"expected replicas 1 to {TokensPerStep / SequenceLengths.Min()}, the rows of a step, got {Replicas}"
        : DecaySteps < 1 || WarmupSteps + DecaySteps > Steps
            ? $"expected warmup_steps and decay_steps within {Steps} steps, got {WarmupSteps} and {DecaySteps}"
        : null;

    private bool IsWrong(int length) =>
        length < 1 || length > Math.Min(NPositions, TokensPerStep) || TokensPerStep % length != 0;
}
