namespace Logitscope.Checkpoints;

/// <summary>Named tensors of a checkpoint, whatever its file format.</summary>
public interface IWeightSource
{
    /// <summary>Where they come from, for messages.</summary>
    string Path { get; }

    /// <summary>The tensors that the file declares.</summary>
    IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <summary>One tensor, in the type that it has on disk. It may lie on read-only memory.</summary>
    /// <param name="name">A key of <see cref="Entries"/>.</param>
    /// <returns>A CPU tensor of the declared shape.</returns>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    Tensor Read(string name);
}
