namespace Logitscope.World;

/// <summary>Tab-separated tables with a header, no quoting, no blank cell.</summary>
internal static class Tsv
{
    /// <summary>A row after the header, and where it stands, for messages.</summary>
    internal readonly record struct Row(string[] Cells, string Where);

    /// <summary>The header's cells and the rows below it.</summary>
    /// <exception cref="AtlasException">The file is absent or empty, a row has more or fewer cells than the header,
    /// or a cell is blank or has spaces around it.</exception>
    public static (string[] Header, IReadOnlyList<Row> Rows) Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new AtlasException($"The atlas has no file '{path}'.");
        }

        var lines = File.ReadAllLines(path);
        if (lines.Length == 0)
        {
            throw new AtlasException($"{path}: expected a header line, got an empty file.");
        }

        var header = lines[0].Split('\t');
        var rows = new List<Row>(lines.Length - 1);
        for (var i = 1; i < lines.Length; i++)
        {
            var row = new Row(lines[i].Split('\t'), $"{path}, line {i + 1}");
            if (row.Cells.Length != header.Length)
            {
                throw new AtlasException($"{row.Where}: expected {header.Length} cells, got {row.Cells.Length}.");
            }

            if (row.Cells.FirstOrDefault(cell => cell.Length == 0 || cell != cell.Trim()) is { } bad)
            {
                throw new AtlasException($"{row.Where}: expected a cell without spaces around it, got '{bad}'.");
            }

            rows.Add(row);
        }

        return (header, rows);
    }

    /// <summary>As <see cref="Read(string)"/>, for a file whose columns are fixed.</summary>
    public static IReadOnlyList<Row> Read(string path, params string[] columns)
    {
        var (header, rows) = Read(path);
        return header.SequenceEqual(columns)
            ? rows
            : throw new AtlasException(
                $"{path}: expected the columns {string.Join(", ", columns)}, got {string.Join(", ", header)}.");
    }
}
