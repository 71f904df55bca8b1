using Logitscope.Metrics;
using Logitscope.Models;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

public class PrecisionTests
{
    [Theory]
    [InlineData("gptj/partial-rotary")]
    [InlineData("gptj/long")]
    public void Bfloat16_agrees_with_float32_wherever_the_choice_is_clear(string name)
    {
        using var scope = NewDisposeScope();
        var (exact, fast) = (Logits(float32), Logits(bfloat16));
        Assert.Equal(bfloat16, fast.dtype);
        TinyModel.Close(exact, fast.to(float32), 0.05, "bfloat16");

        var clear = Distributions.Margin(exact).gt(0.05 * exact.abs().max().to(float64).item<double>()).data<bool>().ToArray();
        int[] positions = [.. Enumerable.Range(0, clear.Length).Where(position => clear[position])];
        Assert.True(positions.Length >= clear.Length / 4, $"only {positions.Length} choices are clear");
        var (expected, got) = (Top1(exact), Top1(fast));
        Assert.Equal(positions.Select(position => expected[position]), positions.Select(position => got[position]));

        Tensor Logits(ScalarType dtype)
        {
            using var model = TinyModel.Open(dtype, name);
            return model.Forward(model.Tensor(model.RandomIds(model.ContextLength, seed: 1))).Logits.squeeze(0);
        }

        static long[] Top1(Tensor logits) => Distributions.Top1(logits).data<long>().ToArray();
    }
}
