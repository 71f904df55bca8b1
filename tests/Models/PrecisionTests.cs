using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

public class PrecisionTests
{
    [Theory]
    [InlineData("gptj/partial-rotary", ScalarType.BFloat16, 0.05)]
    [InlineData("gptj/long", ScalarType.BFloat16, 0.05)]
    [InlineData("gptj/partial-rotary", ScalarType.Float16, 0.01)]
    [InlineData("gpt2/with-prefix", ScalarType.Float16, 0.01)]
    [InlineData("llama/grouped", ScalarType.Float16, 0.01)]
    [InlineData("gpt_neox/parallel", ScalarType.Float16, 0.01)]
    [InlineData("qwen3/normed", ScalarType.Float16, 0.01)]
    public void A_narrow_type_agrees_with_float32_wherever_the_choice_is_clear(string name, ScalarType type, double off)
    {
        using var scope = NewDisposeScope();
        var (exact, fast) = (Logits(float32), Logits(type));
        Assert.Equal(type, fast.dtype);
        TinyModel.Close(exact, fast.to(float32), off, $"{type}");

        var clear = Distributions.Margin(exact).gt(off * exact.abs().max().to(float64).item<double>()).data<bool>().ToArray();
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
