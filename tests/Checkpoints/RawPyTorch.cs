using System.Buffers.Binary;
using System.Text;

namespace Logitscope.Tests.Checkpoints;

/// <summary>PyTorch files put together by hand, so that they may be wrong.</summary>
internal static class RawPyTorch
{
    /// <summary>A sound file: its one tensor has six float32 numbers.</summary>
    public static byte[] Sound { get; } = With(StateDict(("w", Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1]))), new byte[24]);

    /// <summary>An archive of a pickle and one storage.</summary>
    public static byte[] With(byte[] pickle, byte[] storage) => Zip(("r/data.pkl", pickle), ("r/data/0", storage), ("r/version", "3\n"u8.ToArray()));

    /// <summary>A ZIP archive whose files are stored as they are.</summary>
    public static byte[] Zip(params (string Name, byte[] Data)[] files)
    {
        List<byte> archive = [], directory = [];
        foreach (var (name, data) in files)
        {
            var text = Encoding.UTF8.GetBytes(name);
            byte[] common = [.. new byte[8], .. U32(0), .. U32(data.Length), .. U32(data.Length), .. U16(text.Length), .. U16(0)];
            directory.AddRange([.. "PK\x01\x02"u8, .. U16(20), .. U16(20), .. common, .. new byte[10], .. U32(archive.Count), .. text]);
            archive.AddRange([.. "PK\x03\x04"u8, .. U16(20), .. common, .. text, .. data]);
        }

        byte[] end = [.. "PK\x05\x06"u8, .. U32(0), .. U16(files.Length), .. U16(files.Length), .. U32(directory.Count), .. U32(archive.Count), .. U16(0)];
        return [.. archive, .. directory, .. end];
    }

    /// <summary>The pickle of an OrderedDict.</summary>
    public static byte[] StateDict(params (string Name, byte[] Value)[] items) =>
    [
        0x80, 2, .. Global("collections", "OrderedDict"), .. ")R("u8, .. items.SelectMany(item => (byte[])[.. Text(item.Name), .. item.Value]), .. "u."u8,
    ];

    /// <summary>A call of _rebuild_tensor_v2.</summary>
    public static byte[] Tensor(string storage, string key, long numbers, long offset, long[] shape, long[] strides) =>
    [
        .. Global("torch._utils", "_rebuild_tensor_v2"), .. "(("u8, .. Text("storage"), .. Global("torch", storage), .. Text(key), .. Text("cpu"),
        .. Integer(numbers), .. "tQ"u8, .. Integer(offset), .. Tuple(shape), .. Tuple(strides), 0x89,
        .. Global("collections", "OrderedDict"), .. ")RtR"u8,
    ];

    public static byte[] Global(string module, string name) => Encoding.UTF8.GetBytes($"c{module}\n{name}\n");

    public static byte[] Text(string text) => [(byte)'X', .. U32(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Integer(long value) => [0x8A, 8, .. BitConverter.GetBytes(value)];

    /// <summary>Replaces the only place with these bytes, or one of several.</summary>
    public static byte[] Replace(byte[] file, ReadOnlySpan<byte> find, ReadOnlySpan<byte> replacement, bool last = false)
    {
        var at = last ? file.AsSpan().LastIndexOf(find) : file.AsSpan().IndexOf(find);
        Assert.True(at >= 0, "expected the bytes in the file");
        return [.. file[..at], .. replacement, .. file[(at + find.Length)..]];
    }

    /// <summary>Changes two bytes of the first header of a kind, counted from its signature.</summary>
    public static byte[] Patch(byte[] file, ReadOnlySpan<byte> signature, int offset, int value)
    {
        byte[] copy = [.. file];
        var at = copy.AsSpan().IndexOf(signature);
        BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(at + offset), (ushort)value);
        return copy;
    }

    private static byte[] Tuple(long[] values) => [(byte)'(', .. values.SelectMany(Integer), (byte)'t'];

    private static byte[] U16(int value) => BitConverter.GetBytes((ushort)value);

    private static byte[] U32(int value) => BitConverter.GetBytes((uint)value);
}
