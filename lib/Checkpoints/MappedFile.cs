using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Logitscope;

/// <summary>A file as read-only memory. It stays mapped as long as somebody holds this object.</summary>
internal sealed partial class MappedFile
{
    private const int DontNeed = 4; // MADV_DONTNEED

    private readonly MemoryMappedViewAccessor _view;

    private MappedFile(string path, long length)
    {
        Path = path;
        Length = length;
        using var file = MemoryMappedFile.CreateFromFile(
            path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        _view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    /// <summary>The file, for messages.</summary>
    public string Path { get; }

    /// <summary>The size of the file in bytes.</summary>
    public long Length { get; }

    /// <summary>Maps a file.</summary>
    public static MappedFile Open(string path)
    {
        try
        {
            // A pipe has no length either, and opening one would wait for its other end.
            var length = LengthOf(path);
            var file = length > 0
                ? new MappedFile(path, length)
                : throw new CheckpointException($"{path}: expected a file of weights, got 0 bytes");
            GitLfs.Refuse(path, file.Span(0, (int)Math.Min(length, GitLfs.Longest)));
            return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CheckpointException($"{path}: cannot be opened: {error.Message}", error);
        }
    }

    /// <summary>How many bytes a file has; a link has those of the file that it leads to, as in HuggingFace's cache.</summary>
    public static long LengthOf(string path) =>
        (File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path)).Length;

    /// <summary>The address of a byte of the file.</summary>
    public nint AddressOf(long offset) => _view.SafeMemoryMappedViewHandle.DangerousGetHandle() + (nint)offset;

    /// <summary>A stretch of the file, in place. The caller holds this object as long as it looks at it.</summary>
    public unsafe ReadOnlySpan<byte> Span(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return new ReadOnlySpan<byte>((void*)AddressOf(offset), count);
    }

    // Gives the memory of a stretch back; who looks at it later has it read again. Else a file that is read once, for a copy in
    // another type, would count as memory in use as long as it is open.
    public void Forget(long offset, long count)
    {
        var start = offset / Environment.SystemPageSize * Environment.SystemPageSize;
        _ = madvise(AddressOf(start), (nuint)(offset + count - start), DontNeed);
    }

    [LibraryImport("libc")]
    private static partial int madvise(nint address, nuint length, int advice);
}

/// <summary>The short text that stands for a large file where a checkout has not fetched it.</summary>
internal static class GitLfs
{
    /// <summary>A pointer has fewer bytes than this.</summary>
    public const int Longest = 1024;

    /// <summary>What to tell of a file that begins like this, where it is a pointer.</summary>
    public static string? Remedy(string path, ReadOnlySpan<byte> file) => file.StartsWith("version https://git-lfs."u8)
        ? $"{path}: expected the file itself, got a Git LFS pointer to it ('git lfs pull' gets it)"
        : null;

    /// <summary>Refuses a pointer.</summary>
    public static void Refuse(string path, ReadOnlySpan<byte> file)
    {
        if (Remedy(path, file) is { } remedy)
        {
            throw new CheckpointException(remedy);
        }
    }
}
