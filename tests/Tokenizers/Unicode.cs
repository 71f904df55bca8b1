using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Logitscope.Tests.Tokenizers;

/// <summary>Random strings of the kind that tokenizers get wrong.</summary>
internal static class Unicode
{
    private static readonly string[] s_traps =
    [
        " ", "  ", "\n", "\r\n", "\t", "\u0085", "\u00A0", "\u2003", "\u200B", "\u2028", "\u3000", "\u001C", "\0",
        "'", "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "''", "\uFFFD", "\uFEFF", "e\u0301", "ſ", "ǅ",
        "½", "²", "Ⅷ", "٣", "𝟘", "𝐀", "𠀀", "🙂", "😶‍🌫️", "中文", "<|endoftext|>", "<|endof",
        "▁", "<0x41>", "<s>", "</s>", "か\u3099", "\u1112\u1161\u11ab", "\u0344", "q\u0307\u0323",
    ];

    private static readonly Gen<string> s_codePoint =
        from value in Gen.Frequency(
            (6, Gen.Choose(0x20, 0x7E)),
            (2, Gen.Choose(0x0, 0x24F)),
            (2, Gen.Choose(0x0, 0xD7FF)),
            (1, Gen.Choose(0xE000, 0xFFFF)),
            (2, Gen.Choose(0x10000, 0x10FFFF)))
        select char.ConvertFromUtf32(value);

    private static readonly Gen<string> s_loneSurrogate =
        from value in Gen.Choose(0xD800, 0xDFFF)
        select ((char)value).ToString();

    /// <summary>Valid strings, with code points beyond the BMP.</summary>
    public static Arbitrary<string> Strings { get; } = Concatenated(
        Gen.Frequency((3, s_codePoint), (1, Gen.Elements(s_traps))));

    /// <summary>Strings that may hold lone surrogates.</summary>
    public static Arbitrary<string> BrokenStrings { get; } = Concatenated(
        Gen.Frequency((3, s_codePoint), (1, Gen.Elements(s_traps)), (1, s_loneSurrogate)));

    /// <summary>The string as UTF-8 can hold it: each lone surrogate is U+FFFD.</summary>
    public static string Repaired(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static Arbitrary<string> Concatenated(Gen<string> parts) =>
        parts.ListOf().Select(list => string.Concat(list)).ToArbitrary();
}
