namespace Logitscope;

/// <summary>Finds the weights of a model's folder, or of one file, whatever their format.</summary>
internal static class CheckpointFile
{
    /// <summary>The files that are looked for in a folder. The first one that is there counts.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    /// <summary>Opens the weights of a folder.</summary>
    public static Checkpoint OpenFolder(string folder) =>
        Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } found
            ? Open(found)
            : throw new CheckpointException(
                $"'{folder}': expected weights in {string.Join(", ", Names.SkipLast(1))} or {Names[^1]}, got {Contents(folder)}");

    /// <summary>Opens one file.</summary>
    public static Checkpoint Open(string path) => Path.GetFileName(path) switch
    {
        var name when IsIndex(name) => new ShardedCheckpoint(path),
        var name when name.EndsWith(".safetensors", StringComparison.Ordinal) => SafetensorsFile.Open(path),
        _ => PyTorchFile.Open(path),
    };

    /// <summary>Whether a file is an index of shards.</summary>
    internal static bool IsIndex(string name) => name.EndsWith(".index.json", StringComparison.Ordinal);

    /// <summary>The files of a folder, for a message.</summary>
    internal static string Contents(string folder)
    {
        const int shown = 12;
        string[] names = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Order()] : [];
        var rest = names.Length > shown ? $" and {names.Length - shown} more" : "";
        return !Directory.Exists(folder) ? "no such folder" : names is [] ? "no files" : string.Join(", ", names.Take(shown)) + rest;
    }
}

/// <summary>Weights in files of one folder, and <c>*.index.json</c>, whose <c>weight_map</c> says which tensor is in which.</summary>
internal sealed class ShardedCheckpoint : Checkpoint
{
    private readonly Dictionary<string, Checkpoint> _shards = [];

    public ShardedCheckpoint(string index) : base(index)
    {
        foreach (var (tensor, file) in ReadWeightMap())
        {
            var shard = OpenShard(tensor, file);
            Add(tensor, shard.Has(tensor)
                ? shard.Located(tensor)
                : throw new CheckpointException($"{shard.Path}: expected the tensor '{tensor}' of {index}, got none of that name"));
        }

        Format = _shards.Values.Select(shard => shard.Format).Distinct().ToArray() is [var format]
            ? $"{format}, {_shards.Count} shards"
            : throw Broken($"expected shards of one format, got {_shards.Count} shards of several or none");
    }

    public override string Format { get; }
    public override IReadOnlyList<string> Files => [.. _shards.Values.Select(shard => shard.Path)];

    private (string Tensor, string File)[] ReadWeightMap()
    {
        try
        {
            return [.. JsonFile.Read(Path).GetProperty("weight_map").EnumerateObject().Select(pair =>
                (pair.Name, pair.Value.GetString() ?? throw new InvalidOperationException($"'{pair.Name}' has no file")))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Broken($"cannot be opened: {error.Message}", error);
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException)
        {
            throw Broken($"expected {{\"weight_map\": {{TENSOR: FILE}}}}: {error.Message}", error);
        }
    }

    private Checkpoint OpenShard(string tensor, string file)
    {
        // Nothing but a name: no folder, no way up, no root, and no further index.
        Require(
            file is not ("" or "." or "..") && !file.AsSpan().ContainsAny("/\\\0") && !CheckpointFile.IsIndex(file),
            $"tensor '{tensor}': expected the name of a file of weights beside the index, got '{file}'");
        var path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path) ?? "", file);
        return _shards[file] = _shards.TryGetValue(file, out var open) ? open
            : File.Exists(path) ? CheckpointFile.Open(path)
            : throw new CheckpointException($"{path}: this shard is missing; {Path} expects the tensor '{tensor}' in it");
    }
}
