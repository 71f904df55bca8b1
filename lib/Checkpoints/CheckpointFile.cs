namespace Logitscope.Checkpoints;

/// <summary>Finds the weights of a model's folder, or of one file, whatever their format.</summary>
public static class CheckpointFile
{
    /// <summary>The files that are looked for in a folder. The first one that is there counts.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ];

    /// <summary>Opens the weights of a folder.</summary>
    /// <param name="folder">A model's folder.</param>
    /// <returns>The weights.</returns>
    /// <exception cref="CheckpointException">There are none, or they are broken.</exception>
    public static Checkpoint OpenFolder(string folder) =>
        Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } found
            ? Open(found)
            : throw new CheckpointException(
                $"'{folder}': expected weights in {string.Join(", ", Names.SkipLast(1))} or {Names[^1]}, got {Contents(folder)}");

    /// <summary>Opens one file.</summary>
    /// <param name="path">A .safetensors, an .index.json, or a file that torch.save wrote.</param>
    /// <returns>The weights.</returns>
    /// <exception cref="CheckpointException">It is missing or broken.</exception>
    public static Checkpoint Open(string path) => Path.GetFileName(path) switch
    {
        var name when IsIndex(name) => ShardedCheckpoint.Open(path),
        var name when name.EndsWith(".safetensors", StringComparison.Ordinal) => SafetensorsFile.Open(path),
        _ => PyTorchFile.Open(path),
    };

    /// <summary>Whether a file is an index of shards.</summary>
    internal static bool IsIndex(string name) => name.EndsWith(".index.json", StringComparison.Ordinal);

    private static string Contents(string folder)
    {
        const int shown = 8;
        if (!Directory.Exists(folder))
        {
            return "no such folder";
        }

        string[] names = [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Order()];
        var rest = names.Length > shown ? $" and {names.Length - shown} more" : "";
        return names.Length == 0 ? "no file" : string.Join(", ", names.Take(shown)) + rest;
    }
}
