using System.Globalization;
using Logitscope.Tests.Golden;
using Logitscope.Tests.Tokenizers;
using Logitscope.World;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>Models that load in milliseconds, and what tests do with them.</summary>
internal static class TinyModel
{
    /// <summary>One of the oracle's fixtures; by default 3 layers, hidden 48, 61 ids, context 32.</summary>
    public static LanguageModel Open(ScalarType dtype = ScalarType.Float32, string name = "gptj/partial-rotary") =>
        LanguageModel.Load(GoldenModel.FolderOf(name), new() { Dtype = dtype });

    /// <summary>A culture that writes 1,5; this runtime knows no real one.</summary>
    public static CultureInfo WithDecimalComma
    {
        get
        {
            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            culture.NumberFormat.NumberDecimalSeparator = ",";
            return culture;
        }
    }

    /// <summary>A fixture of each family.</summary>
    public static TheoryData<string> OfEachFamily() =>
        ["gptj/partial-rotary", "gpt2/without-prefix", "llama/grouped", "gpt_neox/parallel", "mistral/window", "qwen2/window", "qwen3/normed", "gemma2/capped"];

    /// <summary>The same, and the other forms of a family's block.</summary>
    public static TheoryData<string> OfEachForm() => [.. OfEachFamily(), "gpt_neox/sequential", "llama/linear", "llama/llama3", "gemma3_text/two-ropes"];

    /// <summary>A random model with a tokenizer, so that it takes texts.</summary>
    public static LanguageModel WithTokenizer(TemporaryFolder folder)
    {
        var tokenizer = Vocabularies.Small;
        tokenizer.Save(folder.Path);
        var config = new GptJConfig
        {
            NEmbd = 16,
            NHead = 2,
            NLayer = 2,
            NPositions = 64,
            RotaryDim = 4,
            NInner = 64,
            VocabSize = tokenizer.VocabularySize,
            LayerNormEpsilon = 1e-5,
        };
        var options = new ModelOptions();
        return new GptJ(config, new WeightReader(new RandomWeights(1), options.Dtype, options.Device), options)
        {
            Folder = folder.Path,
        };
    }

    /// <summary>Writes a fixture's model with other weights.</summary>
    /// <param name="folder">Gets it.</param>
    /// <param name="change">Changes the weights, float64, in place.</param>
    /// <param name="name">The fixture.</param>
    public static void Change(
        TemporaryFolder folder, Action<IReadOnlyDictionary<string, Tensor>> change, string name = "gptj/partial-rotary")
    {
        using var scope = NewDisposeScope();
        using var model = Open(ScalarType.Float64, name);
        change(model.Weights);
        File.Copy(Path.Combine(model.Folder!, "config.json"), folder.PathOf("config.json"), overwrite: true);
        SafetensorsWriter.Write(folder.PathOf("model.safetensors"), [.. model.Weights.Select(pair => (pair.Key, pair.Value))]);
    }

    /// <summary>Ids drawn from the whole vocabulary.</summary>
    public static int[] RandomIds(this LanguageModel model, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(model.VocabularySize))];
    }

    /// <summary>A prompt as a batch of one.</summary>
    public static Tensor Tensor(this LanguageModel model, params int[] ids) => model.FromIds(ids).ToTensor();

    /// <summary>Input and output of every block.</summary>
    public static Hook[] Hooks(this LanguageModel model) =>
    [
        .. Enumerable.Range(0, model.Layers)
            .SelectMany(layer => new Hook[] { new(layer, Site.ResidPre), new(layer, Site.ResidPost) }),
    ];

    /// <summary>Every place that the model has.</summary>
    public static Hook[] EveryHook(this LanguageModel model) =>
    [
        .. Enumerable.Range(0, model.Layers).SelectMany(layer => Enum.GetValues<Site>()
            .Where(site => site != Site.ResidMid || model.HasResidMid).Select(site => new Hook(layer, site))),
    ];

    /// <summary>The largest difference, over the largest value expected, is no larger than allowed.</summary>
    public static void Close(Tensor expected, Tensor got, double allowed, string what)
    {
        Assert.Equal(expected.shape, got.shape);
        var error = (got - expected).abs().max().to(float64).item<double>() / expected.abs().max().to(float64).item<double>();
        Assert.True(error <= allowed, $"{what}: expected an error <= {allowed}, got {error:E2}");
    }

    /// <summary>Both have the same bits.</summary>
    public static void Identical(Tensor expected, Tensor got, string what)
    {
        Assert.Equal(expected.shape, got.shape);
        var same = expected.contiguous().bytes.SequenceEqual(got.contiguous().bytes);
        Assert.True(same, $"{what}: expected the same bits");
    }

    /// <summary>The error is Logitscope's own, and its message is one line that holds these words.</summary>
    public static void Says(Exception? error, params string[] words)
    {
        error = Assert.IsType<LogitscopeException>(error, exactMatch: false);
        Assert.DoesNotContain('\n', error.Message);
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }
}
