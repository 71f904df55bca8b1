using System.Globalization;
using Microsoft.ML.Tokenizers;

namespace Logitscope;

// Cuts a text into the pieces within which byte pairs are merged, as a family's pattern does. The patterns are written by hand
// because .NET's \p{L} sees UTF-16 units where they mean code points, and for speed. A lone surrogate is neither letter, digit nor
// space, and so is U+FFFD, which it is encoded as. Letters and digits are those of the .NET runtime's Unicode version.
internal abstract class TextSplitter : PreTokenizer
{
    private protected enum Kind : byte
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
    public abstract int EndOfPiece(ReadOnlySpan<char> text, int start);

    /// <summary>The end of the letters, digits, spaces or others at a place, of which at most so many are taken.</summary>
    private protected static int EndOfRun(ReadOnlySpan<char> text, int start, Kind kind, int most = int.MaxValue)
    {
        var end = start;
        for (; end < text.Length && most > 0 && KindAt(text, end, out var units) == kind; most--)
        {
            end += units;
        }

        return end;
    }

    /// <summary>\s+(?!\S)|\s+: the last space is left to the word that follows; a single one is not.</summary>
    private protected static int EndOfSpaces(ReadOnlySpan<char> text, int start)
    {
        var end = EndOfRun(text, start, Kind.Space);
        return end == text.Length || end == start + 1 ? end : end - 1;
    }

    private protected static Kind KindAt(ReadOnlySpan<char> text, int index, out int units)
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
