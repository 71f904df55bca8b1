using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Logitscope.Cli.Notebooks;

/// <summary>Reads nbformat 4 and refuses, before anything runs, what could not be run.</summary>
internal static partial class NotebookReader
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads one .ipynb file.</summary>
    /// <exception cref="NotebookException">No such file, not a C# notebook, or an unknown magic.</exception>
    public static Notebook Read(string path)
    {
        if (ReadJson(path) is not JsonObject file
            || file["cells"] is not JsonArray cells
            || Number(file["nbformat"]) is not int format)
        {
            throw new NotebookException($"{path}: not a notebook: expected an object with 'nbformat' and 'cells'");
        }

        if (format != 4)
        {
            throw new NotebookException($"{path}: notebook format {format}; expected 4 (Jupyter can convert it)");
        }

        var metadata = file["metadata"] as JsonObject ?? [];
        CheckKernel(path, metadata);
        return new Notebook(Path.GetFullPath(path), metadata, ReadCells(path, cells));
    }

    private static JsonNode? ReadJson(string path)
    {
        try
        {
            var root = JsonNode.Parse(File.ReadAllText(path), documentOptions: s_strict);
            DecodeStrings(root);
            return root;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NotebookException($"{path}: no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new NotebookException($"{path}: cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new NotebookException($"{path}: not JSON: {e.Message.Split('\n')[0]}", e);
        }
    }

    /// <summary>JsonNode decodes a string when asked for it; a broken escape shall show now, not later.</summary>
    private static void DecodeStrings(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (_, value) in members)
                {
                    DecodeStrings(value);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    DecodeStrings(item);
                }

                break;
            case JsonValue value:
                value.TryGetValue<string>(out _);
                break;
        }
    }

    private static void CheckKernel(string path, JsonObject metadata)
    {
        var kernel = Text(metadata["polyglot_notebook"]?["kernelInfo"]?["defaultKernelName"])
            ?? Text(metadata["kernelspec"]?["name"])
            ?? Text(metadata["language_info"]?["name"]);
        if (kernel is not ("csharp" or ".net-csharp" or "C#"))
        {
            var found = kernel is null ? "not named" : $"'{kernel}'";
            throw new NotebookException($"{path}: not a C# notebook: its kernel is {found}, expected '.net-csharp'");
        }
    }

    private static List<Cell> ReadCells(string path, JsonArray nodes)
    {
        var cells = new List<Cell>(nodes.Count);
        var ids = new CellIds(nodes.Select(node => Text((node as JsonObject)?["id"])));
        var number = 0;
        for (var index = 0; index < nodes.Count; index++)
        {
            if (nodes[index] is not JsonObject node
                || ParseKind(Text(node["cell_type"])) is not { } kind
                || ParseSource(node["source"]) is not { } source)
            {
                throw new NotebookException(
                    $"{path}: cell {index + 1} of {nodes.Count}: expected a cell of markdown, code or raw text");
            }

            var cell = new Cell(
                kind,
                ids[index],
                kind == CellKind.Code ? ++number : 0,
                source.ReplaceLineEndings("\n"),
                node["metadata"] as JsonObject ?? [],
                node["attachments"] as JsonObject);
            if (kind == CellKind.Code)
            {
                CheckCell(path, cell);
            }

            cells.Add(cell);
        }

        return cells;
    }

    private static void CheckCell(string path, Cell cell)
    {
        var language = Text(cell.Metadata["polyglot_notebook"]?["kernelName"])
            ?? Text(cell.Metadata["dotnet_interactive"]?["language"]);
        if (language is not (null or "csharp" or "C#"))
        {
            throw new NotebookException($"{path}: {cell.Label}: its kernel is '{language}'; only C# cells can be run");
        }

        if (Magics.FindUnsupported(cell.Source) is var (line, text, reason))
        {
            throw new NotebookException($"{path}: {cell.Label}, line {line}: '{text}' {reason}");
        }
    }

    private static CellKind? ParseKind(string? name) => name switch
    {
        "markdown" => CellKind.Markdown,
        "code" => CellKind.Code,
        "raw" => CellKind.Raw,
        _ => null,
    };

    private static string? ParseSource(JsonNode? source) => source switch
    {
        JsonArray lines when lines.All(line => Text(line) is not null) => string.Concat(lines.Select(Text)),
        _ => Text(source),
    };

    private static string? Text(JsonNode? node) =>
        (node as JsonValue)?.TryGetValue<string>(out var text) == true ? text : null;

    private static int? Number(JsonNode? node) =>
        (node as JsonValue)?.TryGetValue<int>(out var number) == true ? number : null;

    /// <summary>Ids that nbformat 4.5 accepts: the file's own where legal and unique, else "cell-3" by place.</summary>
    private sealed partial class CellIds
    {
        private readonly string[] _ids;

        public CellIds(IEnumerable<string?> inFile)
        {
            var found = inFile.ToArray();
            var taken = new HashSet<string>(found.Where(id => id is not null && Legal().IsMatch(id))!);
            var given = new HashSet<string>();
            _ids = new string[found.Length];
            for (var index = 0; index < found.Length; index++)
            {
                if (found[index] is { } id && taken.Contains(id) && given.Add(id))
                {
                    _ids[index] = id;
                    continue;
                }

                var made = $"cell-{index + 1}";
                while (!taken.Add(made))
                {
                    made += "-b";
                }

                _ids[index] = made;
            }
        }

        public string this[int index] => _ids[index];

        [GeneratedRegex(@"^[a-zA-Z0-9_-]{1,64}\z")]
        private static partial Regex Legal();
    }
}
