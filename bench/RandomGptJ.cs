namespace Logitscope.Bench;

/// <summary>GPT-J of any size with random weights: what it costs does not depend on what it has learned.</summary>
internal static class RandomGptJ
{
    /// <summary>The embedding's and the unembedding's rows.</summary>
    public const int Vocabulary = 50400;

    /// <summary>The width of GPT-J 6B.</summary>
    public const int Width = 4096;

    /// <summary>The layers of GPT-J 6B.</summary>
    public const int Layers = 28;

    private const int HeadSize = 256;
    private const int Bos = 50256;
    private const int Known = 50257;

    /// <summary>The reference's three, with target prompts as long as its own: no tokenizer is needed.</summary>
    public static IReadOnlyList<NextTokenTechnique> Techniques { get; } =
    [
        NextTokenTechnique.LogitLens,
        new TokenIdentity { Target = new("") { Ids = Ids(16, 1) } },
        new LogitscopeTechnique { Target = new("") { Ids = [Bos, 30] } },
    ];

    /// <summary>GPT-J 6B's sizes with fewer layers or less width.</summary>
    public static GptJConfig Config(int layers, int width = Width) => new()
    {
        NEmbd = width,
        NHead = Math.Max(1, width / HeadSize),
        NLayer = layers,
        NPositions = 2048,
        RotaryDim = 64,
        NInner = 4 * width,
        VocabSize = Vocabulary,
        LayerNormEpsilon = 1e-5,
    };

    /// <summary>A model whose weights are made where they are used.</summary>
    public static GptJ Make(GptJConfig config, ModelOptions options) =>
        new(config, new WeightReader(new Made(), options.Dtype, options.Device), options);

    /// <summary>Prompts of ids, their lengths spread evenly.</summary>
    public static IEnumerable<Example> Prompts(int count, int shortest, int longest) =>
        Enumerable.Range(0, count).Select(p =>
            new Example($"{p}", null, Ids(shortest + (p * (longest - shortest + 1) / count), p)));

    /// <summary>A BOS and ids after it.</summary>
    public static int[] Ids(int count, int seed) =>
        [Bos, .. Enumerable.Range(1, count - 1).Select(i => (int)(((seed * 2053L) + i) * 7919 % Known))];

    private sealed class Made : IWeightSource
    {
        public bool Has(string name) => true;

        public Tensor Read(string name, IReadOnlyList<long> shape, WeightOptions options) =>
            randn([.. shape], options.Type, options.Device).mul_(0.02);
    }
}
