using System.Buffers.Binary;
using System.Text;

namespace Logitscope.Tokenizers;

/// <summary>Walks the fields of one protobuf message; every length is checked against what is there.</summary>
/// <param name="bytes">The message.</param>
/// <param name="path">The file, for a message.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes, string path)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly int _total = bytes.Length;
    private ReadOnlySpan<byte> _rest = bytes;
    private ReadOnlySpan<byte> _value;
    private ulong _number;
    private int _wire;

    /// <summary>The number of the field just read.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = TakeVarint();
        Field = tag >> 3 is > 0 and < 1 << 29 and var field
            ? (int)field
            : throw Broken($"a field number, got {tag >> 3}");
        _wire = (int)(tag & 7);
        switch (_wire)
        {
            case Varint:
                _number = TakeVarint();
                break;
            case Fixed64:
                _value = Take(sizeof(ulong));
                break;
            case Delimited:
                _value = Take(TakeVarint());
                break;
            case Fixed32:
                _value = Take(sizeof(uint));
                break;
            default:
                throw Broken($"a wire type of 0, 1, 2 or 5, got {_wire}");
        }

        return true;
    }

    /// <summary>The field as a message of its own.</summary>
    public readonly ProtobufReader Message() => new(Bytes(), path);

    /// <summary>The field's bytes.</summary>
    public readonly ReadOnlySpan<byte> Bytes() => Checked(Delimited) ? _value : default;

    /// <summary>The field as text.</summary>
    public readonly string Text()
    {
        try
        {
            return s_strictUtf8.GetString(Bytes());
        }
        catch (DecoderFallbackException error)
        {
            throw new TokenizerException($"'{path}', field {Field}: expected UTF-8, got other bytes.", error);
        }
    }

    /// <summary>The field as a number; a negative one is written in 64 bits.</summary>
    public readonly long Number() => Checked(Varint) ? (long)_number : 0;

    /// <summary>The field as a float.</summary>
    public readonly float Float() => Checked(Fixed32) ? BinaryPrimitives.ReadSingleLittleEndian(_value) : 0;

    private readonly bool Checked(int wire) =>
        _wire == wire ? true : throw Broken($"field {Field} with wire type {wire}, got {_wire}");

    private ulong TakeVarint()
    {
        const int mostBytes = 10;
        var value = 0UL;
        for (var i = 0; i < mostBytes; i++)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Broken($"a number of at most {mostBytes} bytes, got a longer one");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw Broken($"{count} bytes more, got {_rest.Length}");
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    private readonly TokenizerException Broken(string expected) => new(
        $"'{path}' is no SentencePiece model: byte {_total - _rest.Length} of a message of {_total}: "
        + $"expected {expected}.");
}
