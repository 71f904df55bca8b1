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

    /// <summary>The file name of the page that shows the notebook.</summary>
    public string PageName => Path.ChangeExtension(FileName, ".html");
}
