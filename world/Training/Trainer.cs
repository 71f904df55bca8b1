using System.Diagnostics;
using System.Text.Json;

namespace Logitscope.World;

/// <summary>Trains a small GPT-J or GPT-2 on the atlas, by a recipe, into a HuggingFace folder.</summary>
internal static class Trainer
{
    /// <summary>The loss of every step so far, one JSON object a line.</summary>
    public const string LossFile = "loss.jsonl";

    private const string StateFile = "training.safetensors";

    private const string ModelFile = "model.safetensors";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Trains, or goes on after the last checkpoint in the folder.</summary>
    /// <param name="recipe">What to train.</param>
    /// <param name="atlas">The world that the text tells of.</param>
    /// <param name="corpora">The folder with the natural text that the recipe names, where it names any.</param>
    /// <param name="folder">Gets the recipe, config.json, the tokenizer, model.safetensors (bfloat16) and the
    /// losses.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Stops between two steps; the last checkpoint stays.</param>
    /// <exception cref="LogitscopeException">A file cannot be read or written, the recipe does not fit, or the folder
    /// holds a trained model.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void Train(
        TrainingRecipe recipe,
        Atlas atlas,
        string? corpora,
        string folder,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        if (File.Exists(Path.Combine(folder, ModelFile)))
        {
            throw new TrainingException($"{folder}: expected a new folder or an unfinished training, got a trained model");
        }

        var text = new TrainingText(atlas, NaturalTextOf(recipe, corpora), recipe);
        Directory.CreateDirectory(folder);
        var tokenizer = TokenizerOf(recipe, text, folder);
        WriteConfig(recipe, tokenizer, folder);
        recipe.Write(folder);
        using var model = Build(recipe, folder, new Parameters(new RandomWeights(recipe.Seed)), new());
        using var replicas = new Replicas(
            model, recipe.Replicas, recipe.ArithmeticType, (weights, options) => Build(recipe, folder, weights, options));
        using var optimizer = new ModelOptimizer(model, recipe.WeightDecay);
        var state = new TrainingState(Path.Combine(folder, StateFile));
        var first = state.Restore(model, optimizer);
        KeepLosses(folder, first);

        var watch = Stopwatch.StartNew();
        var batches = text.Batches(first, tokenizer).Take(recipe.Steps - first);
        foreach (var (step, batch) in Enumerable.Range(first, recipe.Steps - first).Zip(batches))
        {
            cancellation.ThrowIfCancellationRequested();
            var loss = Gradients(replicas, batch);
            optimizer.Step(recipe.LearningRateAt(step), recipe.GradientClip);
            File.AppendAllText(
                Path.Combine(folder, LossFile), JsonSerializer.Serialize(new { step, loss = Math.Round(loss, 4) }) + "\n");
            if ((step + 1) % recipe.CheckpointEvery == 0)
            {
                state.Save(step + 1, model, optimizer);
            }

            var rate = (step + 1 - first) / watch.Elapsed.TotalSeconds;
            progress?.Report(new TrainingProgress(
                step + 1, recipe.Steps, loss, rate * recipe.TokensPerStep,
                TimeSpan.FromSeconds((recipe.Steps - step - 1) / rate)));
        }

        Store(model, folder);
        state.Delete();
    }

    private static double Gradients(Replicas replicas, Tensor ids)
    {
        using var batch = ids;
        var loss = replicas.Gradients(batch);
        return double.IsFinite(loss) ? loss : throw new TrainingException($"the loss is {loss}: lower the learning rate");
    }

    private static NaturalText? NaturalTextOf(TrainingRecipe recipe, string? corpora) =>
        recipe.Natural is not { } natural ? null
        : corpora is not null ? NaturalText.Load(corpora, natural)
        : throw new TrainingException(
            "the recipe mixes in natural text: give the folder that eng/gather-corpora.sh fills with --corpora");

    private static ModelTokenizer TokenizerOf(TrainingRecipe recipe, TrainingText text, string folder)
    {
        if (!ModelTokenizer.IsIn(folder))
        {
            BpeTrainer.Train(text.ForTokenizer(), new() { Merges = recipe.TokenizerMerges }).Save(folder);
        }

        return ModelTokenizer.Load(folder);
    }

    private static void WriteConfig(TrainingRecipe recipe, ModelTokenizer tokenizer, string folder)
    {
        if (!recipe.IsGpt2)
        {
            new GptJConfig
            {
                NEmbd = recipe.NEmbd,
                NHead = recipe.NHead,
                NLayer = recipe.NLayer,
                NPositions = recipe.NPositions,
                RotaryDim = recipe.RotaryDim,
                NInner = 4 * recipe.NEmbd,
                VocabSize = tokenizer.VocabularySize,
                LayerNormEpsilon = 1e-5,
            }.Write(folder, tokenizer.BosId, tokenizer.EosId);
            return;
        }

        string[] architectures = ["GPT2LMHeadModel"];
        var fields = new
        {
            architectures,
            model_type = recipe.ModelType,
            activation_function = "gelu_new",
            vocab_size = tokenizer.VocabularySize,
            n_positions = recipe.NPositions,
            n_embd = recipe.NEmbd,
            n_layer = recipe.NLayer,
            n_head = recipe.NHead,
            layer_norm_epsilon = 1e-5,
            tie_word_embeddings = true,
            bos_token_id = tokenizer.BosId,
            eos_token_id = tokenizer.EosId,
            torch_dtype = "bfloat16",
        };
        AtomicFile.Write(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(fields, s_indented) + "\n");
    }

    private static LanguageModel Build(TrainingRecipe recipe, string folder, IWeightSource source, ModelOptions options)
    {
        var weights = new WeightReader(source, options.Dtype, options.Device);
        var config = ConfigReader.Open(folder);
        return recipe.IsGpt2
            ? new Gpt2(Gpt2Config.Read(config), weights, options)
            : new GptJ(GptJConfig.Read(config), weights, options);
    }

    // Steps after the checkpoint were lost with the run and will be taken again.
    private static void KeepLosses(string folder, int steps)
    {
        var path = Path.Combine(folder, LossFile);
        var kept = File.Exists(path) ? File.ReadLines(path).Take(steps).ToArray() : [];
        AtomicFile.Write(path, string.Concat(kept.Select(line => line + "\n")));
    }

    private static void Store(LanguageModel model, string folder)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            Path.Combine(folder, ModelFile),
            [.. model.Weights.Select(pair => (pair.Key, pair.Value.detach().to(bfloat16)))],
            new Dictionary<string, string> { ["format"] = "pt" });
    }
}

/// <summary>How far a training run is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Mean surprisal of the last step's tokens, in nats.</param>
/// <param name="TokensPerSecond">The rate since this run began.</param>
/// <param name="Left">Time left at that rate.</param>
internal sealed record TrainingProgress(int Step, int Steps, double Loss, double TokensPerSecond, TimeSpan Left);

/// <summary>A model cannot be trained as the recipe says.</summary>
/// <param name="message">What, expected, got, where.</param>
/// <param name="inner">What caused it.</param>
internal sealed class TrainingException(string message, Exception? inner = null) : LogitscopeException(message, inner);
