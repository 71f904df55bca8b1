using System.Text;

namespace Logitscope;

/// <summary>Rows of cells under named columns: token tables, top-k lists, the numbers behind a figure.</summary>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">The rows; each has one cell a column: text, a number, or null for nothing.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record Table(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows) : IDisplay
{
    /// <summary>A line above the table. The default is none.</summary>
    public string Title { get; init; } = "";

    /// <summary>The rows; each has one cell a column.</summary>
    /// <exception cref="ChartException">A row with another number of cells than there are columns.</exception>
    public IReadOnlyList<IReadOnlyList<object?>> Rows { get; } = Checked(Columns, Rows);

    /// <summary>Makes a table of one row an item.</summary>
    /// <param name="items">The items, in order.</param>
    /// <param name="columns">The name of each column and the cell that an item has in it.</param>
    public static Table Of<T>(IEnumerable<T> items, params (string Name, Func<T, object?> Cell)[] columns) => new(
        [.. columns.Select(column => column.Name)],
        [.. items.Select(item => columns.Select(column => column.Cell(item)).ToArray())]);

    /// <inheritdoc/>
    public string ToHtml()
    {
        var html = new StringBuilder("<div style=\"overflow-x:auto\"><table class=\"logitscope-table\" ")
            .Append("style=\"border-collapse:collapse;font-variant-numeric:tabular-nums\">");
        if (Title.Length > 0)
        {
            html.Append("<caption style=\"text-align:left;font-weight:600;padding:4px 10px\">")
                .Append(Html.Escape(Title)).Append("</caption>");
        }

        var numeric = NumericColumns();
        html.Append("<thead>");
        AppendRow(html, "th", Columns, numeric);
        html.Append("</thead><tbody>");
        foreach (var row in Rows)
        {
            AppendRow(html, "td", row.Select(Shown), numeric);
        }

        return html.Append("</tbody></table></div>").ToString();
    }

    /// <inheritdoc/>
    public string ToText()
    {
        string[][] lines = [[.. Columns.Select(Label.Printable)], .. Rows.Select(row => row.Select(Shown).ToArray())];
        var numeric = NumericColumns();
        var widths = Columns.Select((_, column) => lines.Max(line => TextWidth.Columns(line[column]))).ToArray();
        var text = lines.Select(line => string.Join("  ", line.Select((cell, column) =>
        {
            var padding = new string(' ', widths[column] - TextWidth.Columns(cell));
            return numeric[column] ? padding + cell : cell + padding;
        })).TrimEnd());
        return string.Join('\n', Title.Length > 0 ? text.Prepend(Label.Printable(Title)) : text);
    }

    /// <summary>The plain text, so that a console shows the table too.</summary>
    public override string ToString() => ToText();

    /// <summary>The table as CSV (RFC 4180, but lines end in a line feed), numbers with every digit.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder();
        foreach (var row in Rows.Prepend(Columns))
        {
            csv.AppendJoin(',', row.Select(cell => Quoted($"{cell}"))).Append('\n');
        }

        return csv.ToString();
    }

    /// <summary>Writes the table in the form that the file's ending names: .csv, .html or .txt.</summary>
    /// <param name="path">The file, overwritten where it exists.</param>
    /// <exception cref="ChartException">Another ending.</exception>
    public void Save(string path)
    {
        var content = Encoding.UTF8.GetBytes(Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".CSV" => ToCsv(),
            ".HTML" => PageDocument.Render(Title, PageDocument.Card(this), plotly: null),
            ".TXT" => ToText() + "\n",
            var other => throw new ChartException($"A table is saved as .csv, .html or .txt, got '{other.ToLowerInvariant()}' in '{path}'."),
        });
        AtomicFile.Save(path, stream => stream.Write(content));
    }

    private static IReadOnlyList<IReadOnlyList<object?>> Checked(
        IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<object?>> rows)
    {
        foreach (var (index, row) in rows.Index().Where(row => row.Item.Count != columns.Count))
        {
            throw new ChartException(
                $"A table of {columns.Count} columns needs as many cells a row, got {row.Count} in row {index}.");
        }

        return rows;
    }

    private static string Quoted(string cell) =>
        cell.AsSpan().ContainsAny(",\"\n\r") ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell;

    /// <summary>A cell as people read it.</summary>
    internal static string Shown(object? cell) => cell switch
    {
        null => "",
        double number => Numbers.Short(number),
        float number => Numbers.Short(number),
        Interval interval => Numbers.Short(interval),
        _ => Label.Printable($"{cell}"),
    };

    private static void AppendRow(StringBuilder html, string element, IEnumerable<string> cells, bool[] numeric)
    {
        html.Append("<tr>");
        foreach (var (column, cell) in cells.Index())
        {
            var side = numeric[column] ? "right" : "left";
            html.Append($"<{element} style=\"text-align:{side};white-space:pre;padding:3px 10px;")
                .Append("border-bottom:1px solid rgba(128,128,128,.3)\">")
                .Append(Html.Escape(cell)).Append($"</{element}>");
        }

        html.Append("</tr>");
    }

    private bool[] NumericColumns() => [.. Columns.Select((_, column) =>
        Rows.All(row => row[column] is null or int or long or float or double)
        && Rows.Any(row => row[column] is not null))];
}

/// <summary>How numbers are written for people; files keep every digit.</summary>
internal static class Numbers
{
    /// <summary>Three decimals, so that numbers line up below each other.</summary>
    public static string Fixed(double value) => $"{value:0.000}";

    /// <summary>Three decimals, or two digits and a power of ten where those would show nothing.</summary>
    public static string Short(double value) =>
        value != 0 && Math.Abs(value) < 0.001 ? $"{value:0.0e-0}" : Fixed(value);

    /// <summary>The mean, and in brackets the ends where it has any.</summary>
    public static string Short(Interval value) =>
        value.HasEnds ? $"{Short(value.Mean)} [{Short(value.Low)}, {Short(value.High)}]" : Short(value.Mean);
}
