using System.Diagnostics;

namespace Logitscope.Bench;

/// <summary>A HuggingFace folder of a random bfloat16 model, as large as the real one.</summary>
internal static class RandomFolder
{
    private const long Spare = 1L << 30;

    /// <summary>Llama 3 8B's config.json, as published.</summary>
    public const string Llama3 = """
        {
          "architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 128000, "eos_token_id": 128001,
          "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02, "intermediate_size": 14336, "max_position_embeddings": 8192,
          "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "pretraining_tp": 1,
          "rms_norm_eps": 1e-05, "rope_scaling": null, "rope_theta": 500000.0, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
          "use_cache": true, "vocab_size": 128256
        }
        """;

    /// <param name="folder">Gets the model.</param>
    /// <param name="writeConfig">Writes config.json into it.</param>
    /// <param name="report">Told how large it is.</param>
    /// <exception cref="LogitscopeException">The disk has no room.</exception>
    public static void Write(string folder, Action<string> writeConfig, Report report)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(folder);
        writeConfig(folder);
        var shapes = Shapes(folder);
        var bytes = shapes.Sum(weight => SizeOf(weight.Shape)) * bfloat16.ElementSize();
        var free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free < bytes + Spare)
        {
            throw new LogitscopeException(
                $"{folder}: expected {(bytes + Spare) / 1e9:F1} GB of free disk for {bytes / 1e9:F1} GB of weights, got {free / 1e9:F1} GB");
        }

        // Each weight is a stretch of one pool of random numbers: no two start at the same place, and all of them together
        // take the memory of the largest.
        var watch = Stopwatch.StartNew();
        var pool = randn([shapes.Max(weight => SizeOf(weight.Shape)) + (shapes.Length * 64)], bfloat16).mul_(0.02);
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            [.. shapes.Select((weight, i) => (weight.Name, Value(weight.Name, weight.Shape, pool, i * 64L)))]);
        report.Say($"{folder}: {bytes / 1e9:F2} GB of random bfloat16 weights, written in {watch.Elapsed.TotalSeconds:F0} s");
    }

    // Whatever the model asks for, in the order in which it asks.
    private static (string Name, long[] Shape)[] Shapes(string folder)
    {
        var names = new Names();
        using var model = Families.ReadConfig(ConfigReader.Open(folder)).Load(new WeightReader(names, bfloat16, CPU), new() { Dtype = bfloat16 });
        return [.. names.Asked];
    }

    private static long SizeOf(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);

    private static Tensor Value(string name, long[] shape, Tensor pool, long start) =>
        shape.Length > 1 ? pool.narrow(0, start, SizeOf(shape)).reshape(shape)
        : name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(shape, bfloat16)
        : ones(shape, bfloat16);

    private sealed class Names : IWeightSource
    {
        public List<(string Name, long[] Shape)> Asked { get; } = [];

        public bool Has(string name) => true;

        public Tensor Read(string name, IReadOnlyList<long> shape, WeightOptions options)
        {
            long[] size = [.. shape];
            Asked.Add((name, size));
            return zeros([1], bfloat16).expand(size); // one number, however large the weight
        }
    }
}
