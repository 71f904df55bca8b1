using System.Buffers.Binary;
using System.Text;

namespace Logitscope;

/// <summary>
/// The entries of a ZIP archive that stores its files as they are, so that they can be read in place. It knows what
/// torch.save writes, ZIP64 and data descriptors included, and refuses everything that can be read in two ways.
/// </summary>
/// <remarks>PKWARE, APPNOTE.TXT 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT</remarks>
internal sealed class StoredZip
{
    private const uint EndSignature = 0x06054B50;
    private const uint End64Signature = 0x06064B50;
    private const uint Locator64Signature = 0x07064B50;
    private const uint EntrySignature = 0x02014B50;
    private const uint LocalSignature = 0x04034B50;
    private const int EndLength = 22;
    private const int End64Length = 56;
    private const int Locator64Length = 20;
    private const int EntryLength = 46;
    private const int LocalLength = 30;
    private const int LongestDirectory = 64 << 20;
    private const int EncryptedFlags = 0x2041; // encrypted, strongly encrypted, masked local header
    private const int DescriptorFlag = 0x0008; // sizes stand behind the data and in the directory only
    private const ushort Sizes64Id = 0x0001; // the extra field with sizes of 64 bits
    private const uint In64 = uint.MaxValue; // the number stands in that field

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly MappedFile _file;
    private readonly Dictionary<string, StoredFile> _files = [];

    public StoredZip(MappedFile file)
    {
        _file = file;
        var (start, length, count) = FindDirectory();
        ReadDirectory(_file.Span(start, length), start, count);
        CheckThatFilesLieApart(start);
    }

    /// <summary>The files of the archive.</summary>
    public IReadOnlyDictionary<string, StoredFile> Files => _files;

    private (long Start, int Length, ulong Count) FindDirectory()
    {
        var end = FindEnd();
        var record = _file.Span(end, EndLength);
        ulong count = U16(record, 10), length = U32(record, 12), start = U32(record, 16);
        var limit = end;
        if (end >= Locator64Length && U32(_file.Span(end - Locator64Length, Locator64Length), 0) == Locator64Signature)
        {
            var at = U64(_file.Span(end - Locator64Length, Locator64Length), 8);
            limit = end - Locator64Length - End64Length;
            Require(
                limit >= 0 && at == (ulong)limit && U32(_file.Span(limit, End64Length), 0) == End64Signature,
                "its ZIP64 end record is not where its locator says");
            var record64 = _file.Span(limit, End64Length);
            count = Widened(count, ushort.MaxValue, U64(record64, 32));
            length = Widened(length, In64, U64(record64, 40));
            start = Widened(start, In64, U64(record64, 48));
        }

        Require(
            length <= LongestDirectory && start <= (ulong)limit && start + length == (ulong)limit,
            $"expected a directory of at most {LongestDirectory} bytes that ends at byte {limit}, got {length} bytes from byte {start}");
        return ((long)start, (int)length, count);
    }

    // The record may have a comment behind it, which must then reach to the end of the file.
    private long FindEnd()
    {
        var tail = (int)Math.Min(_file.Length, EndLength + ushort.MaxValue);
        var bytes = _file.Span(_file.Length - tail, tail);
        for (var at = tail - EndLength; at >= 0; at--)
        {
            if (U32(bytes, at) == EndSignature && at + EndLength + U16(bytes, at + 20) == tail)
            {
                return _file.Length - tail + at;
            }
        }

        throw Broken("its directory is missing, so the file is truncated");
    }

    private void ReadDirectory(ReadOnlySpan<byte> directory, long limit, ulong count)
    {
        while (directory.Length > 0)
        {
            var number = _files.Count;
            Require(
                directory.Length >= EntryLength && U32(directory, 0) == EntrySignature, $"entry {number} of its directory is no entry");
            int nameLength = U16(directory, 28), extraLength = U16(directory, 30), commentLength = U16(directory, 32);
            var whole = EntryLength + nameLength + extraLength + commentLength;
            Require(whole <= directory.Length, $"entry {number} of its directory is cut");
            var name = NameOf(directory.Slice(EntryLength, nameLength));
            var extra = directory.Slice(EntryLength + nameLength, extraLength);
            Require(_files.TryAdd(name, ReadEntry(name, directory, extra, limit)), $"it has two files '{name}'");
            directory = directory[whole..];
        }

        Require((ulong)_files.Count == count, $"expected {count} files, got {_files.Count}");
    }

    private StoredFile ReadEntry(string name, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra, long limit)
    {
        ulong packed = U32(entry, 20), length = U32(entry, 24), local = U32(entry, 42);
        var wide = Sizes64(name, extra);
        length = length == In64 ? Next64(name, ref wide) : length;
        packed = packed == In64 ? Next64(name, ref wide) : packed;
        local = local == In64 ? Next64(name, ref wide) : local;
        CheckPlain(name, flags: U16(entry, 8), method: U16(entry, 10));
        Require(
            packed == length && local <= (ulong)limit && length <= (ulong)limit,
            $"'{name}': expected {length} bytes stored before byte {limit}, got {packed} bytes at {local}");
        var start = DataStart(name, entry, (long)local, length, limit);
        Require(start <= limit - (long)length, $"'{name}': expected {length} bytes before byte {limit}, got {limit - start}");
        return new((long)local, start, (long)length);
    }

    // The local header's own lengths count: torch.save pads its extra field so that the data are aligned.
    private long DataStart(string name, ReadOnlySpan<byte> entry, long local, ulong length, long limit)
    {
        Require(
            local <= limit - LocalLength && U32(_file.Span(local, LocalLength), 0) == LocalSignature,
            $"'{name}': expected a local header at byte {local}");
        var header = _file.Span(local, LocalLength);
        int nameLength = U16(header, 26), extraLength = U16(header, 28);
        CheckPlain(name, flags: U16(header, 6), method: U16(header, 8));
        var nameStart = local + LocalLength;
        Require(
            nameLength + extraLength <= limit - nameStart
                && _file.Span(nameStart, nameLength).SequenceEqual(entry.Slice(EntryLength, U16(entry, 28))),
            $"'{name}': its local header has another name");
        ulong here = U32(header, 22);
        if ((U16(header, 6) & DescriptorFlag) == 0)
        {
            var wide = Sizes64(name, _file.Span(nameStart + nameLength, extraLength));
            here = here == In64 ? Next64(name, ref wide) : here;
            Require(here == length, $"'{name}': expected {length} bytes, its local header says {here}");
        }

        return nameStart + nameLength + extraLength;
    }

    private void CheckPlain(string name, ushort flags, ushort method)
    {
        Require((flags & EncryptedFlags) == 0, $"'{name}' is encrypted");
        Require(method == 0, $"'{name}': expected compression method 0 (stored), got {method}");
    }

    private void CheckThatFilesLieApart(long end)
    {
        foreach (var (name, file) in _files.OrderByDescending(pair => pair.Value.Header))
        {
            Require(file.Start + file.Length <= end, $"'{name}' overlaps the file behind it");
            end = file.Header;
        }
    }

    private string NameOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var name = s_utf8.GetString(bytes);
            return name.Contains('\\', StringComparison.Ordinal) || name.Any(char.IsControl)
                || name.Split('/').Any(part => part is "" or "." or "..")
                    ? throw Broken($"expected plain file names, got '{name}'")
                    : name;
        }
        catch (DecoderFallbackException error)
        {
            throw new CheckpointException($"{_file.Path}: a file name of the archive is not UTF-8", error);
        }
    }

    private ReadOnlySpan<byte> Sizes64(string name, ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int id = U16(extra, 0), length = U16(extra, 2);
            Require(length <= extra.Length - 4, $"'{name}': an extra field is cut");
            if (id == Sizes64Id)
            {
                return extra.Slice(4, length);
            }

            extra = extra[(4 + length)..];
        }

        return [];
    }

    private ulong Next64(string name, ref ReadOnlySpan<byte> wide)
    {
        Require(wide.Length >= sizeof(ulong), $"'{name}': expected a ZIP64 size, got none");
        var value = U64(wide, 0);
        wide = wide[sizeof(ulong)..];
        return value;
    }

    private ulong Widened(ulong narrow, ulong inWide, ulong wide) =>
        narrow == inWide || narrow == wide ? wide : throw Broken($"its two end records differ: {narrow} and {wide}");

    private void Require(bool isSound, string otherwise)
    {
        if (!isSound)
        {
            throw Broken(otherwise);
        }
    }

    private CheckpointException Broken(string what) => new($"{_file.Path}: not a sound PyTorch archive: {what}");
    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}

/// <summary>Where a file of an archive lies.</summary>
/// <param name="Header">The first byte of its local header.</param>
/// <param name="Start">Its own first byte.</param>
/// <param name="Length">How many bytes it has.</param>
internal readonly record struct StoredFile(long Header, long Start, long Length);
