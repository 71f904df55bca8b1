using System.Buffers.Binary;
using System.Text;

namespace Logitscope.Tests.Tokenizers;

/// <summary>Writes tokenizer.model files field by field, sound or not.</summary>
internal static class RawSentencePiece
{
    public const int Unigram = 1;
    public const int Bpe = 2;

    private const int Varint = 0;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    /// <summary>A small sound one, without bytes to fall back to.</summary>
    public static byte[] Sound { get; } =
    [
        .. Special, .. Piece("▁t", -1), .. Piece("he", -2), .. Piece("▁the", -3),
        .. Piece("▁", -4), .. Piece("t", -5), .. Piece("h", -6), .. Piece("e", -7),
        .. Trainer(Bpe), .. Normalizer(),
    ];

    /// <summary>Unknown, BOS and EOS.</summary>
    public static byte[] Special => [.. Piece("<unk>", 0, 2), .. Piece("<s>", 0, 3), .. Piece("</s>", 0, 3)];

    public static byte[] Piece(string text, float score, int kind = 1)
    {
        var bits = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bits, score);
        return Message(
            1, [.. Message(1, Encoding.UTF8.GetBytes(text)), .. Tag(2, Fixed32), .. bits, .. Number(3, kind)]);
    }

    public static byte[] Trainer(int model, params byte[] more) => Message(2, [.. Number(3, model), .. more]);

    public static byte[] Normalizer(params byte[] more) => Message(3, [.. Number(4, 0), .. more]);

    public static byte[] Message(int field, byte[] bytes) =>
        [.. Tag(field, Delimited), .. Bits((ulong)bytes.Length), .. bytes];

    public static byte[] Number(int field, long value) => [.. Tag(field, Varint), .. Bits((ulong)value)];

    private static byte[] Tag(int field, int wire) => Bits((ulong)((field << 3) | wire));

    private static byte[] Bits(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
