using System.Text;
using System.Text.RegularExpressions;

namespace Logitscope.World;

/// <summary>Cuts long text into passages for training.</summary>
internal static partial class PassageCutter
{
    public const int Shortest = 200;
    public const int Longest = 1200;

    private const StringSplitOptions Lines = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    /// <summary>Passages of <see cref="Shortest"/> to <see cref="Longest"/> characters, cut between paragraphs, or
    /// between sentences where a paragraph is too long. What is shorter, as a heading at the end, is left out, and so
    /// is a sentence longer than a passage.</summary>
    public static IEnumerable<string> Cut(string text)
    {
        var passage = new StringBuilder();
        foreach (var piece in Plain(text).Split('\n', Lines).SelectMany(Pieces))
        {
            if (passage.Length + piece.Length > Longest)
            {
                if (passage.Length >= Shortest)
                {
                    yield return passage.ToString().Trim();
                }

                passage.Clear();
            }

            passage.Append(piece);
        }

        if (passage.Length >= Shortest)
        {
            yield return passage.ToString().Trim();
        }
    }

    // A paragraph with its line end, or its sentences where it is too long to be one piece.
    private static IEnumerable<string> Pieces(string paragraph)
    {
        if (paragraph.Length < Longest)
        {
            return [paragraph + "\n"];
        }

        var sentences = new List<string>();
        for (var start = 0; start < paragraph.Length;)
        {
            var stop = paragraph.IndexOf(". ", start, StringComparison.Ordinal);
            var end = stop < 0 ? paragraph.Length : stop + 2;
            sentences.Add(paragraph[start..end]);
            start = end;
        }

        return sentences.Append("\n").Where(sentence => sentence.Length <= Longest);
    }

    // One spelling for each mark, so that a small vocabulary is not spent on typography, and lines joined where the
    // printer broke a sentence.
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text)
            .Replace("\r", "").Replace('\u00A0', ' ').Replace('\t', ' ').Replace("\u00AD", "")
            .Replace('\u2018', '\'').Replace('\u2019', '\'').Replace('\u201C', '"').Replace('\u201D', '"')
            .Replace('\u2013', '-').Replace("\u2014", "--").Replace("\u2026", "...")
            .ToString();
        return Spaces().Replace(BreakInSentence().Replace(plain, " "), " ");
    }

    [GeneratedRegex("(?<=[\\w,;-])\n(?=\\S)")]
    private static partial Regex BreakInSentence();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();
}
