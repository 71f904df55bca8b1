using System.IO.MemoryMappedFiles;

namespace Logitscope.Checkpoints;

/// <summary>A file as read-only memory. It stays mapped as long as somebody holds this object.</summary>
internal sealed class MappedFile
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public MappedFile(string path)
    {
        Length = new FileInfo(path).Length;
        _file = MemoryMappedFile.CreateFromFile(
            path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    /// <summary>The size of the file in bytes.</summary>
    public long Length { get; }

    /// <summary>The address of a byte of the file.</summary>
    public nint AddressOf(long offset) => _view.SafeMemoryMappedViewHandle.DangerousGetHandle() + (nint)offset;

    /// <summary>A copy of a stretch of the file.</summary>
    public byte[] Read(long offset, int count)
    {
        var bytes = new byte[count];
        if (count > 0) // the accessor refuses to read nothing at the end of the file
        {
            _view.ReadArray(offset, bytes, 0, count);
        }

        return bytes;
    }
}
