using Logitscope.Metrics;

namespace Logitscope.Models;

/// <summary>Picks the next token of a distribution.</summary>
/// <param name="options">Temperature, k and seed.</param>
internal sealed class Sampler(GenerationOptions options)
{
    private ulong _state = unchecked((ulong)options.Seed);

    /// <summary>The next id from logits <c>[vocab]</c>.</summary>
    public int Pick(Tensor logits)
    {
        using var scope = NewDisposeScope();
        Distributions.RequireFinite(logits.amax([-1]).reshape(-1));
        if (options.Temperature == 0)
        {
            return (int)logits.argmax(0).ToInt64();
        }

        var k = Math.Min(options.TopK ?? int.MaxValue, (int)logits.size(0));
        var (values, indices) = logits.to(float64).topk(k);
        var probabilities = nn.functional.softmax(values / options.Temperature, 0).data<double>().ToArray();
        var left = Uniform();
        var chosen = 0;
        while (chosen < k - 1 && (left -= probabilities[chosen]) >= 0)
        {
            chosen++;
        }

        return (int)indices.select(0, chosen).ToInt64();
    }

    // SplitMix64: System.Random's sequence is no promise across .NET versions.
    private double Uniform()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
