using System.Buffers.Binary;
using System.Text;

namespace Logitscope.Tests.Checkpoints;

/// <summary>Safetensors files put together by hand, so that they may be wrong.</summary>
internal static class RawSafetensors
{
    /// <summary>The length, the header as it is, and data bytes 0, 1, 2, ...</summary>
    public static byte[] Make(string header, int dataBytes) =>
        Make(header, [.. Enumerable.Range(0, dataBytes).Select(i => (byte)i)]);

    public static byte[] Make(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        return [.. length, .. json, .. data];
    }

    /// <summary>One entry of a header.</summary>
    public static string Entry(string name, string dtype, string shape, long start, long end) =>
        $$"""
        "{{name}}":{"dtype":"{{dtype}}","shape":{{shape}},"data_offsets":[{{start}},{{end}}]}
        """;
}
