using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Checkpoints;

/// <summary>NaN and infinity are found wherever they are, and named.</summary>
public sealed class NonFiniteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<ScalarType, double, int> Places()
    {
        ScalarType[] types = [float16, bfloat16, float32, float64];
        double[] values = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        int[] places = [0, 1, 15, 16, 63, 64, 98, 99]; // before, in and behind the processor's vectors
        return [.. types.SelectMany(type => values.SelectMany(value => places.Select(place => (type, value, place))))];
    }

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void The_first_is_found_and_large_numbers_are_not(ScalarType type, double value, int place)
    {
        var numbers = Enumerable.Repeat(60000.0, 100).ToArray();
        Assert.Equal(-1, NonFinite.IndexOfFirst(tensor(numbers).to(type)));
        (numbers[place], numbers[99]) = (value, double.NaN);
        Assert.Equal(place, NonFinite.IndexOfFirst(tensor(numbers).to(type)));
    }

    [Fact]
    public void Integers_are_finite() => Assert.Equal(-1, NonFinite.IndexOfFirst(tensor([-1L, long.MaxValue])));

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void A_weight_that_is_not_a_number_is_named_with_its_place(ScalarType type)
    {
        var file = Write(float.NaN, at: 3_000_000);
        var error = Assert.Throws<CheckpointException>(() => file.Read("h.0.w", [2, 2_000_000], new(type, CPU)));
        Says(error, file.Path, "'h.0.w'", "got NaN at [1, 1000000]", "--allow-nonfinite");
        var read = file.Read("h.0.w", [2, 2_000_000], new(type, CPU, AllowNonfinite: true));
        Assert.Equal(3_000_000, NonFinite.IndexOfFirst(read));
    }

    [Fact]
    public void A_number_too_large_for_the_type_is_named()
    {
        var file = Write(70000, at: 5);
        var error = Assert.Throws<CheckpointException>(() => file.ReadPieces("h.0.w", float16).Count());
        Says(error, "'h.0.w'", "expected finite Float16 numbers, got 70000 at [0, 5]");
        Assert.Equal(2, file.ReadPieces("h.0.w", bfloat16).Count());
    }

    private SafetensorsFile Write(float value, int at)
    {
        var weight = zeros([4_000_000]);
        weight.narrow(0, at, 1).fill_(value);
        SafetensorsWriter.Write(_folder.PathOf("x.safetensors"), [("h.0.w", weight.reshape(2, 2_000_000))]);
        return SafetensorsFile.Open(_folder.PathOf("x.safetensors"));
    }
}
