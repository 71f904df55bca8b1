using System.Text;

namespace Logitscope;

/// <summary>
/// An error whose message is written for the person at the keyboard: what, expected, got, where. It is one line that a
/// terminal shows as it is, whatever the file held that it quotes.
/// </summary>
/// <param name="message">The message; see <see cref="OneLine"/> for what becomes of it.</param>
/// <param name="inner">What caused it, for a debugger.</param>
public class LogitscopeException(string message, Exception? inner = null) : Exception(OneLine.Of(message), inner);

// A message may quote any file: what would command the terminal, break the line or turn the direction of writing is spelled,
// \u001B, and a long middle is left out.
internal static class OneLine
{
    private const int Longest = 1000;

    /// <summary>The message as one line of harmless characters.</summary>
    public static string Of(string message)
    {
        var line = new StringBuilder(message.Length);
        foreach (var letter in message)
        {
            if (Commands(letter))
            {
                line.Append($"\\u{(int)letter:X4}");
            }
            else
            {
                line.Append(letter);
            }
        }

        if (line.Length > Longest)
        {
            line.Remove(Longest / 2, line.Length - Longest).Insert(Longest / 2, " ... ");
        }

        return line.ToString();
    }

    /// <summary>C0, DEL and C1; the separators of lines and paragraphs; what embeds, overrides or isolates a direction.</summary>
    private static bool Commands(char letter) =>
        char.IsControl(letter) || letter is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
