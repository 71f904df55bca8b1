namespace Logitscope.World;

/// <summary>
/// The weights that training starts from, as GPT-2's and GPT-J's did: matrices normal with standard deviation 0.02,
/// biases zero, norms one. They follow from the seed and the order in which they are read.
/// </summary>
internal sealed class RandomWeights : IWeightSource
{
    private const double StandardDeviation = 0.02;

    /// <summary>Restarts libtorch's generator.</summary>
    /// <param name="seed">The seed.</param>
    public RandomWeights(long seed) => manual_seed(seed);

    /// <inheritdoc/>
    /// <remarks>All but an unembedding that is tied: that is the embedding, and no weight of its own. One that is not
    /// tied is read without this question.</remarks>
    public bool Has(string name) => name != "lm_head.weight";

    /// <inheritdoc/>
    public Tensor Read(string name, IReadOnlyList<long> shape, WeightOptions options)
    {
        long[] size = [.. shape];
        using var drawn = name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(size)
            : size.Length == 1 ? ones(size)
            : randn(size).mul_(StandardDeviation);
        return drawn.to(options.Type, options.Device);
    }
}
