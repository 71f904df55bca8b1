namespace Logitscope.Checkpoints;

/// <summary>
/// Weights in several files of one folder, and an index, <c>*.index.json</c>, whose <c>weight_map</c> says which tensor
/// is in which file.
/// </summary>
public sealed class ShardedCheckpoint : Checkpoint
{
    private readonly Dictionary<string, Checkpoint> _shards = [];
    private readonly Dictionary<string, Checkpoint> _shardOf = [];
    private readonly Dictionary<string, WeightEntry> _entries = [];

    private ShardedCheckpoint(string index)
        : base(index)
    {
        foreach (var (tensor, file) in ReadWeightMap())
        {
            var shard = OpenShard(tensor, file);
            if (!shard.Entries.TryGetValue(tensor, out var entry))
            {
                throw new CheckpointException($"{shard.Path}: expected the tensor '{tensor}' of {index}, got none of that name");
            }

            if (!_shardOf.TryAdd(tensor, shard))
            {
                throw new CheckpointException($"{index}: tensor '{tensor}' is declared twice");
            }

            _entries.Add(tensor, entry);
        }

        Format = _shards.Values.Select(shard => shard.Format).Distinct().ToArray() is [var format]
            ? $"{format}, {_shards.Count} shards"
            : throw new CheckpointException($"{index}: expected shards of one format, got {_shards.Count} shards of several or none");
    }

    /// <inheritdoc/>
    public override string Format { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files => [.. _shards.Values.Select(shard => shard.Path)];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, WeightEntry> Entries => _entries;

    /// <summary>Opens and checks an index and all its shards.</summary>
    /// <param name="index">The path of the index.</param>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="CheckpointException">
    /// The index is not valid, names a file outside its folder, or a shard is missing, broken or lacks a tensor.
    /// </exception>
    public static ShardedCheckpoint Open(string index) => new(index);

    /// <inheritdoc/>
    internal override MappedTensor? Locate(string name) => _shardOf.GetValueOrDefault(name)?.Locate(name);

    private List<(string Tensor, string File)> ReadWeightMap()
    {
        try
        {
            return
            [
                .. JsonFile.Read(Path).GetProperty("weight_map").EnumerateObject()
                    .Select(pair => (pair.Name, pair.Value.GetString() ?? throw new InvalidOperationException($"'{pair.Name}' has no file"))),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{Path}: cannot be opened: {error.Message}", error);
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException)
        {
            throw new CheckpointException($"{Path}: expected {{\"weight_map\": {{TENSOR: FILE}}}}: {error.Message}", error);
        }
    }

    private Checkpoint OpenShard(string tensor, string file)
    {
        if (_shards.TryGetValue(file, out var open))
        {
            return open;
        }

        // Nothing but a name: no folder, no way up, no root, and no further index.
        if (file is "" or "." or ".." || file.AsSpan().ContainsAny("/\\\0") || CheckpointFile.IsIndex(file))
        {
            throw new CheckpointException($"{Path}: tensor '{tensor}': expected the name of a file of weights beside the index, got '{file}'");
        }

        var path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path) ?? "", file);
        return _shards[file] = File.Exists(path)
            ? CheckpointFile.Open(path)
            : throw new CheckpointException($"{path}: this shard is missing; {Path} expects the tensor '{tensor}' in it");
    }
}
