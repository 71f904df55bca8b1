using System.Text.Json.Nodes;

namespace Logitscope.Cli.Notebooks;

/// <summary>Turns an executed notebook into the text of an nbformat 4.5 file.</summary>
internal static class NotebookWriter
{
    public static string Write(ExecutedNotebook notebook) => JupyterJson.Write(new JsonObject
    {
        ["cells"] = new JsonArray([.. notebook.Source.Cells.Select(cell => Cell(cell, notebook.RunOf(cell)?.Outputs))]),
        ["metadata"] = notebook.Source.Metadata.DeepClone(),
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
    });

    private static JsonObject Cell(Cell cell, IReadOnlyList<Output>? outputs)
    {
        var node = new JsonObject
        {
            ["cell_type"] = cell.Kind switch
            {
                CellKind.Code => "code",
                CellKind.Markdown => "markdown",
                _ => "raw",
            },
            ["id"] = cell.Id,
            ["metadata"] = cell.Metadata.DeepClone(),
            ["source"] = Lines(cell.Source),
        };
        if (cell.Kind == CellKind.Code)
        {
            node["execution_count"] = outputs is null ? null : cell.Number;
            node["outputs"] = new JsonArray([.. (outputs ?? []).Select(output => Output(output, cell.Number))]);
        }
        else if (cell.Attachments is not null)
        {
            node["attachments"] = cell.Attachments.DeepClone();
        }

        return node;
    }

    private static JsonObject Output(Output output, int number) => output switch
    {
        StreamOutput stream => new JsonObject
        {
            ["output_type"] = "stream",
            ["name"] = stream.Name,
            ["text"] = Lines(stream.Text.ToString()),
        },
        ErrorOutput error => new JsonObject
        {
            ["output_type"] = "error",
            ["ename"] = error.Name,
            ["evalue"] = error.Message,
            ["traceback"] = new JsonArray([.. error.Traceback.Select(line => (JsonNode)line)]),
        },
        DisplayOutput { IsResult: true } result => new JsonObject
        {
            ["output_type"] = "execute_result",
            ["execution_count"] = number,
            ["data"] = Data(result),
            ["metadata"] = new JsonObject(),
        },
        DisplayOutput display => new JsonObject
        {
            ["output_type"] = "display_data",
            ["data"] = Data(display),
            ["metadata"] = new JsonObject(),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(output), output.GetType().Name, null),
    };

    private static JsonObject Data(DisplayOutput display)
    {
        var data = new JsonObject();
        foreach (var (mimeType, text) in display.Data)
        {
            data[mimeType] = MimeTypes.IsJson(mimeType) ? JsonNode.Parse(text) : Lines(text);
        }

        return data;
    }

    /// <summary>Jupyter's form of a long text: one array entry a line, line ends kept.</summary>
    private static JsonArray Lines(string text)
    {
        var lines = new JsonArray();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var found and >= 0 ? found + 1 : text.Length;
            lines.Add(text[start..end]);
            start = end;
        }

        return lines;
    }
}
