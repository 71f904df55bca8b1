namespace Logitscope.Checkpoints;

/// <summary>Reads weights of expected shape, walking down the names of a checkpoint.</summary>
/// <param name="source">The checkpoint.</param>
/// <param name="type">The element type wanted in memory.</param>
/// <param name="device">Where the weights go.</param>
/// <param name="prefix">What stands before every name.</param>
public sealed class WeightReader(IWeightSource source, ScalarType type, Device device, string prefix = "")
{
    /// <summary>The reader one name further down.</summary>
    /// <param name="name">For example <c>h.3</c>.</param>
    /// <returns>A reader of <c>prefix.name.</c></returns>
    public WeightReader At(string name) => new(source, type, device, $"{prefix}{name}.");

    /// <summary>One weight. It copies nothing where type and device are those of the file.</summary>
    /// <param name="name">The last part of its name.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <returns>The weight; it belongs to no scope.</returns>
    /// <exception cref="CheckpointException">It is missing or of another shape.</exception>
    public Tensor Read(string name, params long[] shape)
    {
        var full = prefix + name;
        var entry = source.Entries.GetValueOrDefault(full)
            ?? throw new CheckpointException($"{source.Path}: expected a tensor '{full}', got none of that name");
        if (!entry.Shape.SequenceEqual(shape))
        {
            throw new CheckpointException(
                $"{source.Path}: tensor '{full}': expected shape [{string.Join(", ", shape)}], "
                + $"got [{string.Join(", ", entry.Shape)}]");
        }

        var raw = source.Read(full).DetachFromDisposeScope();
        if (raw.dtype == type && raw.device == device)
        {
            return raw;
        }

        using (raw)
        {
            return raw.to(type, device).DetachFromDisposeScope();
        }
    }
}
