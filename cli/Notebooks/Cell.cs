using System.Text.Json.Nodes;

namespace Logitscope.Cli.Notebooks;

internal enum CellKind
{
    Markdown,
    Code,
    Raw,
}

/// <summary>One cell as it stands in the file.</summary>
/// <param name="Kind">What the cell holds.</param>
/// <param name="Id">The cell's own id, or one made from its place where the file has none.</param>
/// <param name="Number">1-based count of code cells: the execution count of a full run; 0 for other cells.</param>
/// <param name="Source">The text, lines ended by LF.</param>
/// <param name="Metadata">Kept as it is.</param>
/// <param name="Attachments">Images that a markdown cell carries inside the file, by name.</param>
internal sealed record Cell(
    CellKind Kind,
    string Id,
    int Number,
    string Source,
    JsonObject Metadata,
    JsonObject? Attachments)
{
    /// <summary>How messages point at the cell.</summary>
    public string Label => Kind == CellKind.Code ? $"cell [{Number}] ({Id})" : $"cell ({Id})";
}
