using System.Text.Json.Nodes;
using Logitscope.Tests.Cli;

namespace Logitscope.Tests.Notebooks;

/// <summary>A folder of throw-away notebooks and their pages.</summary>
internal sealed class NotebookFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Out => PathOf("out");

    public static string Fixture(string name) => Repository.File("tests", "Notebooks", "Fixtures", name);

    public static JsonObject Markdown(string source) => new() { ["cell_type"] = "markdown", ["source"] = source };

    public static JsonObject Code(string source, params JsonObject[] outputs) => new()
    {
        ["cell_type"] = "code",
        ["source"] = source,
        ["outputs"] = new JsonArray([.. outputs]),
    };

    public static JsonObject Stream(string text, string name = "stdout") =>
        new() { ["output_type"] = "stream", ["name"] = name, ["text"] = text };

    public static JsonObject Error(string text) =>
        new() { ["output_type"] = "error", ["ename"] = "Error", ["evalue"] = text, ["traceback"] = new JsonArray() };

    public static JsonObject Display(string mimeType, string text) =>
        new() { ["output_type"] = "display_data", ["data"] = new JsonObject { [mimeType] = text } };

    public string PathOf(params string[] parts) => _folder.PathOf(parts);

    /// <summary>Writes an executed notebook.</summary>
    public string Add(string name, params JsonObject[] cells) => AddText(name, new JsonObject
    {
        ["cells"] = new JsonArray([.. cells]),
        ["metadata"] = new JsonObject(),
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
    }.ToJsonString());

    public string AddText(string name, string text) => _folder.Write(name, text);

    /// <summary>Makes pages of notebooks.</summary>
    public Task<Outcome> PagesOf(params string[] notebooks) => Outcome.Of(["page", .. notebooks, "--out", Out]);

    /// <summary>A page as text.</summary>
    public string Page(string name) => File.ReadAllText(Path.Combine(Out, name));

    public void Dispose() => _folder.Dispose();
}
