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
    /// <returns>A CPU tensor in the source's own type. It may lie on read-only memory.</returns>
    /// <exception cref="CheckpointException">It is missing or of another shape.</exception>
    Tensor Read(string name, IReadOnlyList<long> shape);
}
