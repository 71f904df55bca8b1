using System.Text.Json;
using Logitscope.World;

namespace Logitscope.Tests.World;

public sealed class TrainerTests : IDisposable
{
    /// <summary>A model that trains in a moment.</summary>
    internal static TrainingRecipe Small { get; } = new()
    {
        Seed = 1,
        NLayer = 2,
        NEmbd = 16,
        NHead = 2,
        RotaryDim = 4,
        NPositions = 32,
        TokenizerMerges = 40,
        TokenizerCharacters = 2000,
        Steps = 6,
        TokensPerStep = 48,
        SequenceLengths = [24, 16],
        LearningRate = 0.01,
        WarmupSteps = 2,
        DecaySteps = 3,
        WeightDecay = 0.1,
        GradientClip = 1,
        CheckpointEvery = 2,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_trained_folder_loads_as_a_model()
    {
        Train(Small, Out("a"));
        using var model = LanguageModel.Load(Out("a"));
        Assert.Equal((2, 16, 297), (model.Layers, model.HiddenSize, model.VocabularySize));
        Assert.Equal(6, Losses(Out("a")).Length);
        Assert.NotEmpty(model.Generate(model.Encode("The").Ids, new() { MaxNewTokens = 2 }));
    }

    [Fact]
    public void A_model_of_GPT2s_shape_trains_and_loads_with_its_head_tied()
    {
        var recipe = Small with { ModelType = "gpt2", RotaryDim = 0, Grammar = true, Steps = 40, DecaySteps = 30 };
        Train(recipe, Out("a"));
        using var model = LanguageModel.Load(Out("a"));
        Assert.Equal("gpt2", model.Architecture);
        Assert.DoesNotContain("lm_head.weight", model.Weights.Keys);
        var losses = Losses(Out("a"));
        Assert.True(losses[^5..].Average() < losses[..5].Average());
    }

    [Theory]
    [InlineData("tiny-gptj-small")]
    [InlineData("tiny-gpt2")]
    public void The_recipes_of_the_siblings_read_what_the_next_model_has_read(string name)
    {
        var next = TrainingRecipe.Read(Repository.File("data", "next", "tiny-gptj", TrainingRecipe.File));
        var recipe = TrainingRecipe.Read(Repository.File("data", "next", name, TrainingRecipe.File));
        Assert.True(next.Grammar);
        Assert.Equivalent(
            next,
            recipe with { ModelType = next.ModelType, NLayer = next.NLayer, NEmbd = next.NEmbd, NHead = next.NHead, RotaryDim = next.RotaryDim },
            strict: true);
        var matrices = ((recipe.IsGpt2 ? 1 : 2) * (recipe.TokenizerMerges + 257)) + (recipe.IsGpt2 ? recipe.NPositions : 0)
            + (12 * recipe.NLayer * recipe.NEmbd);
        Assert.InRange(2e-6 * recipe.NEmbd * matrices, 0, 8); // megabytes in bfloat16
    }

    [Theory]
    [InlineData("float32", 1)]
    [InlineData("bfloat16", 2)]
    public void A_training_that_was_stopped_goes_on_to_the_same_bytes(string arithmetic, int replicas)
    {
        var recipe = Small with { Arithmetic = arithmetic, Replicas = replicas };
        Train(recipe, Out("whole"));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Trainer.Train(
            recipe, Atlas, corpora: null, Out("cut"), new AfterStep(5, stop.Cancel), stop.Token));
        Assert.False(File.Exists(Path.Combine(Out("cut"), "model.safetensors")));

        Train(recipe, Out("cut"));
        foreach (var name in new[] { "model.safetensors", Trainer.LossFile })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(Out("whole"), name)), File.ReadAllBytes(Path.Combine(Out("cut"), name)));
        }

        Assert.False(File.Exists(Path.Combine(Out("cut"), "training.safetensors")));
    }

    [Fact]
    public void A_trained_model_is_not_trained_over()
    {
        Train(Small, Out("done"));
        var losses = Losses(Out("done"));
        Assert.Contains(Out("done"), Assert.Throws<TrainingException>(() => Train(Small, Out("done"))).Message);
        Assert.Equal(losses, Losses(Out("done")));
    }

    [Fact]
    public void The_learning_rate_rises_stays_and_falls_to_a_tenth()
    {
        var recipe = Small with { Steps = 1000, WarmupSteps = 10, DecaySteps = 200, LearningRate = 1 };
        Assert.Equal(0.1, recipe.LearningRateAt(0), 12);
        Assert.Equal(1, recipe.LearningRateAt(9), 12);
        Assert.Equal(1, recipe.LearningRateAt(800), 12);
        Assert.Equal(0.55, recipe.LearningRateAt(900), 12);
        Assert.Equal(0.1, recipe.LearningRateAt(1000), 12);
    }

    [Fact]
    public void A_recipe_with_natural_text_needs_the_folder_that_holds_it()
    {
        var recipe = Small with { Natural = new(0.3, [], new Dictionary<string, string>()) };
        Assert.Contains("--corpora", Assert.Throws<TrainingException>(() => Train(recipe, Out("none"))).Message);
        Assert.False(Directory.Exists(Out("none")));
    }

    private static void Train(TrainingRecipe recipe, string folder) =>
        Trainer.Train(recipe, Atlas, corpora: null, folder, cancellation: TestContext.Current.CancellationToken);

    private static Atlas Atlas => Atlas.Load(Repository.File("data", "atlas"));

    private string Out(string name) => _folder.PathOf(name);

    /// <summary>What a training left in its folder.</summary>
    internal static double[] Losses(string folder) =>
    [
        .. File.ReadLines(Path.Combine(folder, Trainer.LossFile))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble()),
    ];
}
