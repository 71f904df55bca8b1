using System.Text.Json;

namespace Logitscope.Cli.Pages;

/// <summary>A notebook (.ipynb, format 4) as an engine left it: dotnet-repl, or Jupyter with the .NET kernel.</summary>
/// <param name="Name">The file's name without its extension; the page has it too.</param>
/// <param name="Cells">In file order.</param>
internal sealed record ExecutedNotebook(string Name, IReadOnlyList<Cell> Cells)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads one file.</summary>
    /// <exception cref="NotebookException">There is none, or it is no notebook of this format.</exception>
    public static ExecutedNotebook Read(string path)
    {
        try
        {
            var file = JsonSerializer.Deserialize<NotebookJson>(File.ReadAllBytes(path), s_json)
                ?? throw new JsonException("null");
            if (file.Nbformat != 4)
            {
                throw new NotebookException($"{path}: expected notebook format 4, got {file.Nbformat}");
            }

            var number = 0;
            return new(Path.GetFileNameWithoutExtension(path), [.. file.Cells.Select(cell => cell switch
            {
                null => throw new JsonException("a cell is null"),
                { CellType: "code" } => cell.ToCell(++number),
                _ => cell.ToCell(0),
            })]);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NotebookException($"{path}: no such file", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new NotebookException($"{path}: not a notebook: {e.Message.Split('\n')[0]}", e);
        }
    }

    private sealed record NotebookJson(int Nbformat, List<CellJson?> Cells);

    private sealed record CellJson(
        string CellType, JsonElement Source, JsonElement Metadata = default, List<OutputJson?>? Outputs = null)
    {
        /// <summary>
        /// dotnet-repl keeps what a cell wrote to the console behind what it displayed. A cell's value comes last, so
        /// the console's text is put back in front of it.
        /// </summary>
        public Cell ToCell(int number)
        {
            var outputs = (Outputs ?? []).Select(output => output?.ToOutput()).OfType<Output>();
            return new Cell(
                CellType,
                number,
                Text(Source).ReplaceLineEndings("\n"),
                [.. IsOfDotnetRepl ? outputs.OrderBy(output => output.Type != "stdout") : outputs]);
        }

        private bool IsOfDotnetRepl =>
            Metadata.ValueKind == JsonValueKind.Object && Metadata.TryGetProperty("dotnet_repl_cellExecutionEndTime", out _);
    }

    private sealed record OutputJson(
        string OutputType,
        string? Name = null,
        JsonElement Text = default,
        string? Evalue = null,
        Dictionary<string, JsonElement>? Data = null)
    {
        /// <summary>Best first; of several MIME types the page shows one.</summary>
        private static readonly string[] s_preference =
            ["text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain"];

        /// <summary>Null for what .NET Interactive puts before the first output in Jupyter: a script that looks for its host.</summary>
        public Output? ToOutput() => OutputType switch
        {
            "stream" => new Output(Name ?? "stdout", ExecutedNotebook.Text(Text)),
            "error" => new Output(Output.Error, Evalue ?? ""),
            _ => ToOutput(Data ?? throw new JsonException($"an output of type '{OutputType}' has no data")),
        };

        private static Output? ToOutput(Dictionary<string, JsonElement> data)
        {
            var type = Array.Find(s_preference, data.ContainsKey) ?? data.Keys.Order(StringComparer.Ordinal).FirstOrDefault();
            var text = type is null ? "" : ExecutedNotebook.Text(data[type]);
            return type is null || text.Contains("dotnet-interactive-this-cell", StringComparison.Ordinal) ? null : new(type, text);
        }
    }

    /// <summary>A text as nbformat has it: a string or an array of lines; data that is JSON stays so.</summary>
    private static string Text(JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.String => node.GetString()!,
        JsonValueKind.Array => string.Concat(node.EnumerateArray().Select(line => line.GetString())),
        JsonValueKind.Undefined => throw new JsonException("a cell or an output has no text"),
        _ => node.GetRawText(),
    };
}

/// <summary>One cell.</summary>
/// <param name="Type">code, markdown or raw.</param>
/// <param name="Number">1-based count of code cells; 0 for the others.</param>
/// <param name="Source">The text, lines ended by LF.</param>
/// <param name="Outputs">In the order in which the page shows them.</param>
internal sealed record Cell(string Type, int Number, string Source, IReadOnlyList<Output> Outputs)
{
    /// <summary>Why the cell failed, or null.</summary>
    public CellFailure? Failure =>
        Outputs.FirstOrDefault(output => output.Type == Output.Error) is { } error ? CellFailure.Of(Source, error.Text) : null;
}

/// <summary>One entry below a code cell.</summary>
/// <param name="Type">stdout, stderr, <see cref="Error"/>, or a MIME type.</param>
/// <param name="Text">What it says.</param>
internal sealed record Output(string Type, string Text)
{
    public const string Error = "error";
}

/// <summary>A notebook cannot be read.</summary>
public sealed class NotebookException(string message, Exception? inner = null) : LogitscopeException(message, inner);
