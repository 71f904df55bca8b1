using System.Buffers.Binary;
using System.Text;

namespace Logitscope;

/// <summary>The bytes of a pickle, read from the front; running out of them is an error.</summary>
internal ref struct PickleBytes(ReadOnlySpan<byte> bytes)
{
    private const int LongestText = 1 << 16;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>How many were read.</summary>
    public int Position { get; private set; }

    public byte Byte() => Take(1)[0];
    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));
    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(sizeof(double)));

    /// <summary>A whole number of n bytes, two's complement.</summary>
    public long Integer(int length)
    {
        var value = 0L;
        var taken = Take(length <= sizeof(long)
            ? length
            : throw new PickleException($"expected whole numbers of up to 8 bytes, got {length}"));
        for (var i = length - 1; i >= 0; i--)
        {
            value = (value << 8) | taken[i];
        }

        var unused = 64 - (8 * length);
        return length == 0 ? 0 : value << unused >> unused;
    }

    public string Text(uint length)
    {
        try
        {
            return s_utf8.GetString(Take(length <= LongestText
                ? (int)length
                : throw new PickleException($"expected texts of up to {LongestText} bytes, got {length}")));
        }
        catch (DecoderFallbackException error)
        {
            throw new PickleException("a text is not UTF-8", error);
        }
    }

    public string Line()
    {
        var length = _bytes[Position..].IndexOf((byte)'\n');
        var line = Text(length < 0 ? throw new PickleException("it is cut") : (uint)length);
        Position++;
        return line;
    }

    public void Skip(int count) => Take(count);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - Position)
        {
            throw new PickleException("it is cut");
        }

        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }
}

/// <summary>The instructions that <see cref="Unpickler"/> follows: what a state dict needs, and no other.</summary>
/// <remarks>https://github.com/python/cpython/blob/main/Lib/pickletools.py</remarks>
internal enum PickleOpcode : byte
{
    Mark = (byte)'(',
    EmptyTuple = (byte)')',
    Stop = (byte)'.',
    BinFloat = (byte)'G',
    BinInt = (byte)'J',
    BinInt1 = (byte)'K',
    BinInt2 = (byte)'M',
    None = (byte)'N',
    BinPersId = (byte)'Q',
    Reduce = (byte)'R',
    ShortBinString = (byte)'U',
    BinUnicode = (byte)'X',
    EmptyList = (byte)']',
    Append = (byte)'a',
    Build = (byte)'b',
    Global = (byte)'c',
    Appends = (byte)'e',
    BinGet = (byte)'h',
    Inst = (byte)'i',
    LongBinGet = (byte)'j',
    BinPut = (byte)'q',
    LongBinPut = (byte)'r',
    SetItem = (byte)'s',
    Tuple = (byte)'t',
    SetItems = (byte)'u',
    EmptyDict = (byte)'}',
    Proto = 0x80,
    NewObj = 0x81,
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    NewTrue = 0x88,
    NewFalse = 0x89,
    Long1 = 0x8A,
    ShortBinUnicode = 0x8C,
    StackGlobal = 0x93,
    Memoize = 0x94,
    Frame = 0x95,
}
