using System.Diagnostics;

namespace Logitscope.Bench;

/// <summary>A HuggingFace folder of a random bfloat16 GPT-J, as large as the real one.</summary>
internal static class RandomFolder
{
    private const long Spare = 1L << 30;

    /// <exception cref="LogitscopeException">The disk has no room.</exception>
    public static void Write(string folder, GptJConfig config, Report report)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(folder);
        var shapes = Shapes(config);
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
        config.Write(folder);
        report.Say(
            $"{folder}: GPT-J, {config.NLayer} layers, width {config.NEmbd}, {bytes / 1e9:F2} GB of random bfloat16 weights, "
            + $"written in {watch.Elapsed.TotalSeconds:F0} s");
    }

    // Whatever the model asks for, in the order in which it asks.
    private static (string Name, long[] Shape)[] Shapes(GptJConfig config)
    {
        var names = new Names();
        using var model = new GptJ(config, new WeightReader(names, bfloat16, CPU), new() { Dtype = bfloat16 });
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
