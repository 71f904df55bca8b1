using System.Text.Json.Nodes;

namespace Logitscope.Cli.Notebooks;

/// <summary>A notebook as it stands in its file.</summary>
/// <param name="FullPath">Absolute path of the .ipynb file.</param>
/// <param name="Metadata">Notebook metadata, kept as it is.</param>
/// <param name="Cells">In file order.</param>
internal sealed record Notebook(string FullPath, JsonObject Metadata, IReadOnlyList<Cell> Cells)
{
    public string FileName => Path.GetFileName(FullPath);

    /// <summary>The folder that <c>#r "relative.dll"</c> and relative file names start from.</summary>
    public string Folder => Path.GetDirectoryName(FullPath)!;

    public string PageName => Path.ChangeExtension(FileName, ".html");

    /// <summary>The first level-one heading, or the file name.</summary>
    public string Title =>
        Cells.Where(cell => cell.Kind == CellKind.Markdown)
            .SelectMany(cell => cell.Source.Split('\n'))
            .FirstOrDefault(line => line.StartsWith("# ", StringComparison.Ordinal))?[2..].Trim()
        ?? Path.GetFileNameWithoutExtension(FileName);
}
