using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

public class GenerationTests
{
    private static readonly GenerationOptions s_warm = new() { MaxNewTokens = 12, Temperature = 1 };

    [Fact]
    public void The_seed_decides_the_text()
    {
        using var model = TinyModel.Open();
        var texts = Enumerable.Range(0, 4).Select(seed => Text(seed)).ToArray();
        Assert.Equal(texts, Enumerable.Range(0, 4).Select(seed => Text(seed)));
        Assert.Equal(4, texts.Distinct().Count());

        string Text(long seed) => string.Join(' ', model.Generate([1, 2, 3], s_warm with { Seed = seed }));
    }

    [Fact]
    public void The_best_of_one_is_greedy()
    {
        using var model = TinyModel.Open();
        var greedy = model.Generate([1, 2, 3], new() { MaxNewTokens = 12 });
        Assert.Equal(12, greedy.Count);
        Assert.Equal(greedy, model.Generate([1, 2, 3], s_warm with { TopK = 1, Seed = 5 }));
        Assert.Equal(greedy, model.Generate([1, 2, 3], s_warm with { Temperature = 1e-6, Seed = 5 }));
        Assert.NotEqual(greedy, model.Generate([1, 2, 3], s_warm with { Seed = 5 }));
    }

    [Fact]
    public void The_stop_token_is_the_last_one()
    {
        using var model = TinyModel.Open();
        var greedy = model.Generate([1, 2, 3], new() { MaxNewTokens = 12 });
        var stop = greedy[^1];
        var stopped = model.Generate([1, 2, 3], new() { MaxNewTokens = 12, StopId = stop });
        Assert.Equal(greedy.TakeWhile(id => id != stop).Append(stop), stopped);
        Assert.Empty(model.Generate([1, 2, 3], new() { MaxNewTokens = 0 }));
    }

    [Fact]
    public void Text_beyond_the_context_is_refused()
    {
        using var model = TinyModel.Open();
        Assert.Equal(29, model.Generate([1, 2, 3], new() { MaxNewTokens = 29 }).Count);
        TinyModel.Says(
            Assert.Throws<ModelException>(() => model.Generate([1, 2, 3], new() { MaxNewTokens = 30 })),
            "expected 0 to 29 after 3", "got 30");
        Assert.Throws<ModelException>(() => model.Generate([], new()));
    }

    // The first number of SplitMix64 from seed 0 is 0xE220A8397B1DCDAF, which is 0.8833 of 2^64.
    [Theory]
    [InlineData(0.88, 0)]
    [InlineData(0.89, 1)]
    public void A_seed_means_the_same_draw_on_every_machine(double likely, int expected)
    {
        using var scope = NewDisposeScope();
        var sampler = new Sampler(new() { Temperature = 1 });
        Assert.Equal(expected, sampler.Pick(tensor([Math.Log(1 - likely), Math.Log(likely)])));
    }

    [Fact]
    public void Draws_follow_the_distribution_and_the_temperature()
    {
        using var scope = NewDisposeScope();
        var logits = tensor([Math.Log(1.0), Math.Log(4), Math.Log(5)]);
        var warm = s_warm with { Seed = 1 };
        Assert.Equal([0.1, 0.4, 0.5], Shares(warm), Within(0.04));
        Assert.Equal([1 / 42.0, 16 / 42.0, 25 / 42.0], Shares(warm with { Temperature = 0.5 }), Within(0.04));
        Assert.Equal([0, 4 / 9.0, 5 / 9.0], Shares(warm with { TopK = 2 }), Within(0.04));
        Assert.Equal(0, Shares(warm with { TopK = 2 })[0]);

        double[] Shares(GenerationOptions options)
        {
            var sampler = new Sampler(options);
            var drawn = Enumerable.Range(0, 1000).Select(_ => sampler.Pick(logits)).ToArray();
            return [.. Enumerable.Range(0, 3).Select(id => drawn.Count(d => d == id) / 1000.0)];
        }
    }

    private static Func<double, double, bool> Within(double allowed) => (a, b) => Math.Abs(a - b) <= allowed;
}
