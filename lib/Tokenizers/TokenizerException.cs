using System.Text;

namespace Logitscope.Tokenizers;

/// <summary>
/// A tokenizer's files cannot be used, or an id or a BOS was asked for that the tokenizer does not have. The message
/// names the file and line where there is one, and is one line itself, whatever the file holds.
/// </summary>
/// <param name="message">What, expected, got, where.</param>
/// <param name="inner">What caused it, for a debugger.</param>
public sealed class TokenizerException(string message, Exception? inner = null)
    : LogitscopeException(OneLine(message), inner)
{
    private const int Longest = 800;

    /// <summary>The message may quote a file: control characters are spelled, and a long middle is left out.</summary>
    private static string OneLine(string message)
    {
        var line = new StringBuilder(message.Length);
        foreach (var letter in message)
        {
            if (char.IsControl(letter) || letter is '\u2028' or '\u2029')
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
}
