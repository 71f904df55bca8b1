using System.Text;

namespace Logitscope.World;

/// <summary>The part of a model card that <c>logitscope eval atlas</c> writes: what stands between two
/// markers.</summary>
internal static class ModelCard
{
    /// <summary>The line before.</summary>
    public const string Begin = "<!-- eval atlas -->";

    /// <summary>The line after.</summary>
    public const string End = "<!-- /eval atlas -->";

    /// <summary>Writes an evaluation into a card.</summary>
    /// <exception cref="LogitscopeException">The card has no markers.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static void Write(string path, AtlasEvaluation evaluation)
    {
        var card = File.ReadAllText(path);
        var (begin, end) = (card.IndexOf(Begin, StringComparison.Ordinal), card.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
        {
            throw new LogitscopeException($"{path}: expected the lines '{Begin}' and '{End}', found none");
        }

        AtomicFile.Write(path, card[..(begin + Begin.Length)] + "\n" + Markdown(evaluation) + card[end..]);
    }

    /// <summary>An evaluation in Markdown.</summary>
    public static string Markdown(AtlasEvaluation evaluation)
    {
        var text = new StringBuilder();
        foreach (var (heading, prose, table) in evaluation.Tables())
        {
            text.Append($"### {heading}\n{prose}\n\n");
            AppendRow(table.Columns);
            AppendRow(table.Columns.Select(_ => "---"));
            foreach (var row in table.Rows)
            {
                AppendRow(row.Select(cell => $"{cell}"));
            }

            text.Append('\n');
        }

        return text.ToString();

        void AppendRow(IEnumerable<string> cells) => text.Append($"| {string.Join(" | ", cells)} |\n");
    }
}
