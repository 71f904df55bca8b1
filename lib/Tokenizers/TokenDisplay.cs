using System.Buffers;
using System.Globalization;
using System.Text;

namespace Logitscope;

/// <summary>How the bytes of a token are shown, so that no two different tokens of ordinary text look alike.</summary>
internal static class TokenDisplay
{
    public static string Show(ReadOnlySpan<byte> bytes)
    {
        var shown = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done)
            {
                shown.Append(TextOf(rune));
            }
            else
            {
                foreach (var part in bytes[..consumed])
                {
                    shown.Append($"<0x{part:X2}>");
                }
            }

            bytes = bytes[consumed..];
        }

        return shown.ToString();
    }

    private static string TextOf(Rune rune) => rune.Value switch
    {
        ' ' => "␣",
        '\n' => "⏎",
        '\t' => "⇥",
        _ => IsInvisible(rune) ? $"<U+{rune.Value:X4}>" : rune.ToString(),
    };

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
