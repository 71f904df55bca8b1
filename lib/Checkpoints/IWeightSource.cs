namespace Logitscope.Checkpoints;

/// <summary>Where the weights of a model come from: a checkpoint, or the start of a training run.</summary>
public interface IWeightSource
{
    /// <summary>Whether there is such a weight, for checkpoints of which there are two layouts.</summary>
    /// <param name="name">Its full name, HuggingFace's.</param>
    /// <returns>Whether <see cref="Read"/> finds it.</returns>
    bool Has(string name);

    /// <summary>One weight.</summary>
    /// <param name="name">Its full name, HuggingFace's.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <param name="options">Element type and device.</param>
    /// <returns>A tensor that may lie on read-only memory.</returns>
    /// <exception cref="CheckpointException">It is missing, of another shape, or holds NaN or infinity.</exception>
    Tensor Read(string name, IReadOnlyList<long> shape, WeightOptions options);
}
