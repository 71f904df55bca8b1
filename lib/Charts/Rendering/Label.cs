using System.Text;

namespace Logitscope.Charts.Rendering;

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
