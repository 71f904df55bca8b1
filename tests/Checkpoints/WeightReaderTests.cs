using Logitscope.World;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Checkpoints;

public class WeightReaderTests
{
    [Fact]
    public void Names_are_walked_down_and_types_converted()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder.Path, "x.safetensors");
        SafetensorsWriter.Write(path, [("h.0.w", tensor([1f, 2])), ("h.1.w", tensor([3f, 4])), ("top", tensor([5f]))]);
        var reader = new WeightReader(SafetensorsFile.Open(path), float64, CPU);
        var first = reader.At("h").At("0").Read("w", 2);
        reader.At("h.1").Read("w", 2);
        reader.Read("top", 1);
        Assert.Equal([1.0, 2], first.data<double>().ToArray());
        Assert.Equal(["h.0.w", "h.1.w", "top"], reader.Weights.Keys);
        Assert.Equal([3.0, 4], reader.Weights["h.1.w"].data<double>().ToArray());
        var error = Assert.Throws<CheckpointException>(() => reader.At("h").At("2").Read("w", 2));
        Assert.Contains("'h.2.w'", error.Message, StringComparison.Ordinal);
        foreach (var weight in reader.Weights.Values)
        {
            weight.Dispose();
        }
    }

    [Fact]
    public void Training_starts_from_zeros_ones_and_small_random_matrices()
    {
        using var scope = NewDisposeScope();
        var (source, options) = (new RandomWeights(3), new WeightOptions(float32, CPU));
        Assert.Equal([0f], source.Read("ln_1.bias", [50], options).data<float>().ToArray().Distinct());
        Assert.Equal([1f], source.Read("ln_1.weight", [50], options).data<float>().ToArray().Distinct());
        var matrix = source.Read("q_proj.weight", [100, 100], options);
        Assert.Equal(0, matrix.mean().ToDouble(), 0.001);
        Assert.Equal(0.02, (matrix * matrix).mean().sqrt().ToDouble(), 0.001);
    }
}
