namespace Logitscope.Checkpoints;

/// <summary>The stored weights of a model, whatever their file format.</summary>
public abstract class Checkpoint : IWeightSource
{
    /// <summary>The file, for messages.</summary>
    public abstract string Path { get; }

    /// <summary>The tensors that the file declares.</summary>
    public abstract IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <inheritdoc/>
    public bool Has(string name) => Entries.ContainsKey(name);

    /// <inheritdoc/>
    public Tensor Read(string name, IReadOnlyList<long> shape)
    {
        var entry = EntryOf(name);
        return entry.Shape.SequenceEqual(shape)
            ? Read(name)
            : throw new CheckpointException(
                $"{Path}: tensor '{name}': expected shape [{string.Join(", ", shape)}], "
                + $"got [{string.Join(", ", entry.Shape)}]");
    }

    /// <summary>One tensor of whatever shape it has.</summary>
    /// <param name="name">A key of <see cref="Entries"/>.</param>
    /// <returns>A CPU tensor in the file's own type. It may lie on read-only memory.</returns>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public abstract Tensor Read(string name);

    /// <summary>What the file declares of a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Type, shape and place.</returns>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    protected WeightEntry EntryOf(string name) =>
        Entries.GetValueOrDefault(name)
        ?? throw new CheckpointException($"{Path}: expected a tensor '{name}', got none of that name");
}
