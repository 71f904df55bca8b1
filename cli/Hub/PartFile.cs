using Microsoft.Win32.SafeHandles;

namespace Logitscope.Cli.Hub;

/// <summary>
/// A download on its way, <c>NAME.part</c>, and its journal, <c>NAME.part.json</c>: which chunks of which file of which
/// commit are on disk. A journal of anything else is worth nothing, and the file begins anew.
/// </summary>
internal sealed class PartFile : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly Lock _lock = new();
    private State _state;

    private PartFile(string path, SafeFileHandle handle, State state)
    {
        _path = path;
        _handle = handle;
        _state = state;
    }

    /// <summary>What the server calls the entity of which the chunks are.</summary>
    public string? ETag
    {
        get
        {
            lock (_lock)
            {
                return _state.ETag;
            }
        }
    }

    /// <summary>Bytes of the finished chunks.</summary>
    public long FinishedBytes => _state.FinishedBytes;

    /// <summary>Goes on with a file's part, or begins it.</summary>
    public static PartFile Open(string path, string commit, HubFile file, long chunkBytes)
    {
        var state = Earlier(path, commit, file, chunkBytes);
        if (state is null)
        {
            Delete(path);
        }

        var handle = File.OpenHandle(
            PathOf(path), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, FileOptions.Asynchronous);
        try
        {
            RandomAccess.SetLength(handle, file.Size);
            return new PartFile(path, handle, state ?? new State(commit, file, chunkBytes, null, []));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Bytes that an earlier run has finished.</summary>
    public static long FinishedBytesOf(string path, string commit, HubFile file, long chunkBytes) =>
        Earlier(path, commit, file, chunkBytes)?.FinishedBytes ?? 0;

    /// <summary>The part of a file.</summary>
    public static string PathOf(string path) => path + ".part";

    /// <summary>Removes part and journal.</summary>
    public static void Delete(string path)
    {
        File.Delete(PathOf(path));
        File.Delete(JournalOf(path));
    }

    /// <summary>The chunks that are not on disk.</summary>
    public IReadOnlyList<Chunk> Missing() =>
        [.. Enumerable.Range(0, _state.Chunks).Except(_state.Finished).Select(_state.ChunkAt)];

    /// <summary>Holds the server to one entity.</summary>
    public void Claim(string? etag)
    {
        lock (_lock)
        {
            if (_state.ETag is { } before && etag is not null && etag != before)
            {
                throw new ChangedException($"changed on the server from {before} to {etag}");
            }

            _state = _state with { ETag = _state.ETag ?? etag };
        }
    }

    /// <summary>Writes bytes to their place.</summary>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        RandomAccess.WriteAsync(_handle, bytes, offset, cancellation);

    /// <summary>Notes a chunk in the journal, after its bytes are on disk.</summary>
    public void Finish(Chunk chunk)
    {
        RandomAccess.FlushToDisk(_handle);
        lock (_lock)
        {
            _state = _state with { Finished = [.. _state.Finished, chunk.Number] };
            AtomicFile.Write(JournalOf(_path), HubJson.Indented(_state));
        }
    }

    /// <summary>Forgets all chunks.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _state = _state with { Finished = [] };
            File.Delete(JournalOf(_path));
        }
    }

    /// <summary>Closes the file; it stays.</summary>
    public void Dispose() => _handle.Dispose();

    private static string JournalOf(string path) => PathOf(path) + ".json";

    private static State? Earlier(string path, string commit, HubFile file, long chunkBytes) =>
        HubJson.TryReadFile<State>(JournalOf(path)) is { } state
        && state.Commit == commit && state.File == file && state.ChunkBytes == chunkBytes
        && state.Finished.All(number => number >= 0 && number < state.Chunks)
        && state.Finished.Distinct().Count() == state.Finished.Count
        && new FileInfo(PathOf(path)) is { Exists: true } part && part.Length == file.Size ? state : null;

    /// <summary>The bytes from <paramref name="Start"/> to before <paramref name="End"/>.</summary>
    internal readonly record struct Chunk(int Number, long Start, long End);

    private sealed record State(string Commit, HubFile File, long ChunkBytes, string? ETag, IReadOnlyList<int> Finished)
    {
        public long FinishedBytes => Finished.Select(ChunkAt).Sum(chunk => chunk.End - chunk.Start);

        public int Chunks => checked((int)((File.Size / ChunkBytes) + (File.Size % ChunkBytes > 0 ? 1 : 0)));

        public Chunk ChunkAt(int number) => new(number, number * ChunkBytes, Math.Min((number + 1) * ChunkBytes, File.Size));
    }
}
