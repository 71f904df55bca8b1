using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Logitscope;

// TorchSharp's library needs one symbol that came with GCC 13, std::ios_base_library_init(), and Debian 12 and Ubuntu 22.04 have
// an older libstdc++. There, and only there, a copy of it in memory asks for the constructor of std::ios_base::Init in its place,
// which did the same work before and does not touch its object.
internal static partial class OldLibstdcxx
{
    private const string NewVersion = "GLIBCXX_3.4.32";
    private const string OldVersion = "GLIBCXX_3.4";
    private const string NewSymbol = "_ZSt21ios_base_library_initv";
    private const string OldSymbol = "_ZNSt8ios_base4InitC1Ev";
    private const ushort Weak = 2; // VER_FLG_WEAK: a version that is not there is no error

    /// <summary>Whether a library needs the symbol and this system does not have it.</summary>
    public static bool Lacks(string library) =>
        OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libstdc++.so.6", out var system)
        && !NativeLibrary.TryGetExport(system, NewSymbol, out _)
        && File.ReadAllBytes(library).AsSpan().IndexOf(Encoding.ASCII.GetBytes(NewSymbol)) >= 0;

    /// <summary>Loads an amended copy. No file is written, and the one of the package stays as it is.</summary>
    public static nint OpenAmended(string library)
    {
        var image = File.ReadAllBytes(library);
        if (!Amend(image))
        {
            throw new TorchNotFoundException(
                $"{library} needs {NewVersion} of libstdc++, which this system does not have: install libstdc++ of GCC 13 or later");
        }

        var file = memfd_create("LibTorchSharp", 0);
        if (file < 0)
        {
            throw new TorchNotFoundException($"{library}: no memory file for its copy: error {Marshal.GetLastPInvokeError()}");
        }

        var path = $"/proc/self/fd/{file}";
        File.WriteAllBytes(path, image);
        return NativeLibraries.Open(path); // the descriptor stays: the path is what debuggers ask for
    }

    /// <summary>Makes the change in an ELF image.</summary>
    internal static bool Amend(Span<byte> image)
    {
        if (!image.StartsWith("\u007fELF\u0002\u0001"u8)
            || SectionOf(image, ".gnu.version_r") is not { } needs
            || SectionOf(image, ".gnu.version") is not { } versions
            || SectionOf(image, ".dynsym") is not { } symbols
            || SectionOf(image, ".dynstr") is not { } strings
            || NeededVersions(image, needs, strings) is not ({ } newer, { } older))
        {
            return false;
        }

        var index = U16(image, newer + 6) & 0x7fff;
        var (users, user) = (0, 0);
        for (var i = 0; i < versions.Size / 2; i++)
        {
            var uses = (U16(image, versions.Start + (2 * i)) & 0x7fff) == index;
            (users, user) = uses ? (users + 1, i) : (users, user);
        }

        var name = strings.Start + (int)U32(image, symbols.Start + (24 * user));
        if (users != 1 || TextAt(image, name) != NewSymbol || CountUsers(image, symbols, strings, name) != 1)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(image[(newer + 4)..], (ushort)(U16(image, newer + 4) | Weak));
        Encoding.ASCII.GetBytes(OldSymbol + '\0').CopyTo(image[name..]);
        image.Slice(older + 6, 2).CopyTo(image[(versions.Start + (2 * user))..]);
        return true;
    }

    // Offsets of the two Elf64_Vernaux entries: hash, flags (+4), other (+6), name (+8), next (+12).
    private static (int? Newer, int? Older) NeededVersions(ReadOnlySpan<byte> image, Section needs, Section strings)
    {
        int? newer = null, older = null;
        for (var need = needs.Start; ;)
        {
            var entry = need + (int)U32(image, need + 8);
            for (var left = U16(image, need + 2); left > 0; left--)
            {
                var version = TextAt(image, strings.Start + (int)U32(image, entry + 8));
                (newer, older) = (version == NewVersion ? entry : newer, version == OldVersion ? entry : older);
                entry += (int)U32(image, entry + 12);
            }

            var next = (int)U32(image, need + 12);
            if (next == 0)
            {
                return (newer, older);
            }

            need += next;
        }
    }

    // Linkers let a name end inside another one: who else would read what is overwritten?
    private static int CountUsers(ReadOnlySpan<byte> image, Section symbols, Section strings, int name)
    {
        var users = 0;
        for (var symbol = symbols.Start; symbol < symbols.Start + symbols.Size; symbol += 24)
        {
            var at = strings.Start + (int)U32(image, symbol);
            users += at >= name && at <= name + NewSymbol.Length ? 1 : 0;
        }

        return users;
    }

    private static Section? SectionOf(ReadOnlySpan<byte> image, string name)
    {
        var (table, width, count) = ((int)U64(image, 0x28), U16(image, 0x3a), U16(image, 0x3c));
        var names = (int)U64(image, table + (width * U16(image, 0x3e)) + 0x18);
        for (var i = 0; i < count; i++)
        {
            var header = table + (width * i);
            if (TextAt(image, names + (int)U32(image, header)) == name)
            {
                return new((int)U64(image, header + 0x18), (int)U64(image, header + 0x20));
            }
        }

        return null;
    }

    private static string TextAt(ReadOnlySpan<byte> image, int start) =>
        Encoding.ASCII.GetString(image.Slice(start, image[start..].IndexOf((byte)0)));

    private static ushort U16(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadUInt16LittleEndian(image[at..]);
    private static uint U32(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadUInt32LittleEndian(image[at..]);
    private static ulong U64(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadUInt64LittleEndian(image[at..]);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int memfd_create(string name, uint flags);

    private readonly record struct Section(int Start, int Size);
}
