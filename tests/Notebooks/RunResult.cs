using System.Text.Json.Nodes;

namespace Logitscope.Tests.Notebooks;

/// <summary>What a run left behind.</summary>
internal sealed record RunResult(int ExitCode, string Error, string Out)
{
    public JsonNode Notebook(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Out, name)))!;

    public JsonNode Cell(string name, string id) =>
        Notebook(name)["cells"]!.AsArray().Single(cell => (string?)cell!["id"] == id)!;

    /// <summary>One line an output: its type and its text, best as plain text.</summary>
    public string[] Outputs(string name, string id) =>
        [.. Cell(name, id)["outputs"]!.AsArray().Select(output => Describe(output!))];

    public string Page(string name) => File.ReadAllText(Path.Combine(Out, name));

    private static string Describe(JsonNode output) => (string)output["output_type"]! switch
    {
        "stream" => $"{output["name"]}: {Join(output["text"])}",
        "error" => $"error: {output["ename"]}: {output["evalue"]}",
        var type => $"{type}: {Join(output["data"]!["text/plain"] ?? output["data"]!["text/html"])}",
    };

    private static string Join(JsonNode? lines) => string.Concat(lines!.AsArray().Select(line => (string)line!));
}
