using System.Globalization;
using System.Text;

namespace Logitscope;

/// <summary>Makes any text safe to show: a token may hold half a character, or a control code.</summary>
internal static class Label
{
    /// <summary>The text with control characters as their pictures, and what no document may hold as U+FFFD.</summary>
    public static string Printable(string text)
    {
        var shown = new StringBuilder(text.Length);
        // A lone half of a surrogate pair enumerates as U+FFFD.
        foreach (var rune in text.EnumerateRunes())
        {
            shown.Append(Printable(rune));
        }

        return shown.ToString();
    }

    private static Rune Printable(Rune rune) => rune.Value switch
    {
        < 0x20 => new Rune(0x2400 + rune.Value),
        0x7F => new Rune(0x2421),
        0x2028 or 0x2029 => new Rune(0x2424),
        > 0x7F and < 0xA0 => Rune.ReplacementChar,
        // Direction overrides would turn the text around them.
        (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) => Rune.ReplacementChar,
        0xFFFE or 0xFFFF => Rune.ReplacementChar,
        _ => rune,
    };
}

/// <summary>
/// How wide text is without a font at hand: as wide as in DejaVu Sans, the widest of the common
/// sans-serif fonts, so that what fits here fits anywhere.
/// </summary>
internal static class TextWidth
{
    private const string Ellipsis = "…";

    /// <summary>The widths of the letters from space to tilde in DejaVu Sans, in hundredths of its size.</summary>
    private static ReadOnlySpan<byte> AsciiHundredths =>
    [
        32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
        64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
        60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
        63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
    ];

    /// <summary>The width of a line in pixels.</summary>
    public static double Of(string text, double size) => text.EnumerateRunes().Sum(Em) * size;

    /// <summary>The printable text, cut between characters with an ellipsis if it is wider than the room.</summary>
    public static string Fit(string anyText, double room, double size)
    {
        var text = Label.Printable(anyText);
        if (Of(text, size) <= room)
        {
            return text;
        }

        var kept = "";
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
        {
            var longer = kept + elements.GetTextElement();
            if (Of(longer + Ellipsis, size) > room)
            {
                break;
            }

            kept = longer;
        }

        return kept + Ellipsis;
    }

    /// <summary>The printable text in lines that fit the room, broken between words; a longer word is cut.</summary>
    public static IReadOnlyList<string> Wrap(string text, double room, double size)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && Of($"{lines[^1]} {word}", size) <= room)
            {
                lines[^1] += $" {word}";
            }
            else
            {
                lines.Add(Fit(word, room, size));
            }
        }

        return lines;
    }

    /// <summary>The width in a terminal: two columns for a wide character, none for a mark on the one before.</summary>
    public static int Columns(string text) =>
        text.EnumerateRunes().Sum(rune => IsWide(rune) ? 2 : IsMark(rune) ? 0 : 1);

    private static double Em(Rune rune) => rune.Value switch
    {
        >= ' ' and <= '~' => AsciiHundredths[rune.Value - ' '] / 100.0,
        '·' => 0.32,
        '…' or 0xFFFD => 1.05,
        >= 0x2300 and <= 0x2426 => 0.9,
        'Ж' or 'М' or 'Ф' or 'Ш' or 'Щ' or 'Ы' or 'Ю' => 1.1,
        'ж' or 'м' or 'ф' or 'ш' or 'щ' or 'ы' or 'ю' => 0.95,
        _ => IsWide(rune) ? 1.05 : IsMark(rune) ? 0 : 0.7,
    };

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;

    private static bool IsWide(Rune rune) => rune.Value
        is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF)
        or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F)
        or (>= 0xFF00 and <= 0xFF60) or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD);
}
