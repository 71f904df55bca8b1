using System.Globalization;
using Microsoft.ML.Tokenizers;

namespace Logitscope;

// Cuts a text into the pieces within which byte pairs are merged, as GPT-2's pattern does: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+|
// ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+. Written by hand because .NET's \p{L} sees UTF-16 units where the pattern means code
// points, and for speed. A lone surrogate is neither letter, digit nor space, and so is U+FFFD, which it is encoded as. Letters
// and digits are those of the .NET runtime's Unicode version.
internal sealed class Gpt2Splitter : PreTokenizer
{
    /// <summary>It has no state.</summary>
    public static readonly Gpt2Splitter Instance = new();

    private enum Kind : byte
    {
        Other,
        Letter,
        Number,
        Space,
    }

    /// <summary>The kind of each UTF-16 unit taken alone.</summary>
    private static readonly Kind[] s_kinds = [.. Enumerable.Range(0, char.MaxValue + 1).Select(unit => KindOf(unit))];

    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => PreTokenize(text.AsSpan());

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        var pieces = new List<(int, int)>();
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = EndOfPiece(text, start);
            pieces.Add((start, end - start));
        }

        return pieces;
    }

    /// <summary>The end of the piece that begins at <paramref name="start"/>, a place in the text.</summary>
    public static int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && ContractionLength(text[(start + 1)..]) is > 0 and var letters)
        {
            return start + 1 + letters;
        }

        var run = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var kind = KindAt(text, run, out _);
        if (kind != Kind.Space)
        {
            return EndOfRun(text, run, kind);
        }

        // \s+(?!\S) leaves the last space to the word that follows; a single one is left for \s+.
        var end = EndOfRun(text, start, Kind.Space);
        return end == text.Length || end == start + 1 ? end : end - 1;
    }

    private static int ContractionLength(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] or ['l', 'l', ..] => 2,
        _ => 0,
    };

    private static int EndOfRun(ReadOnlySpan<char> text, int start, Kind kind)
    {
        var end = start;
        while (end < text.Length && KindAt(text, end, out var units) == kind)
        {
            end += units;
        }

        return end;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, int index, out int units)
    {
        var unit = text[index];
        if (char.IsHighSurrogate(unit) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            units = 2;
            return KindOf(char.ConvertToUtf32(unit, text[index + 1]));
        }

        units = 1;
        return s_kinds[unit];
    }

    /// <summary>No space lies beyond the BMP.</summary>
    private static Kind KindOf(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
        _ => codePoint <= char.MaxValue && char.IsWhiteSpace((char)codePoint) ? Kind.Space : Kind.Other,
    };
}
