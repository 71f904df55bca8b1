using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Logitscope.Tests.Notebooks;

/// <summary>
/// What a notebook may use so that dotnet-repl, Jupyter with the .NET kernel and VS Code, in versions with C# 13 too, run it
/// alike, and what a committed notebook looks like.
/// </summary>
internal static partial class PortableSubset
{
    private static readonly CSharpParseOptions s_cSharp13 = new(LanguageVersion.CSharp13, kind: SourceCodeKind.Script);

    /// <summary>What is wrong with a notebook, a line each.</summary>
    public static IEnumerable<string> Complaints(string path)
    {
        var file = JsonNode.Parse(File.ReadAllText(path))!;
        var cells = file["cells"]!.AsArray().Select(cell => cell!).ToList();
        var ofCells =
            from cell in cells.Index()
            from complaint in CellComplaints(cell.Item)
            select $"cell {cell.Index + 1}: {complaint}";
        return FileComplaints(file, cells).Concat(ofCells).Concat(ReferenceComplaints(cells));
    }

    private static IEnumerable<string> FileComplaints(JsonNode file, List<JsonNode> cells)
    {
        var metadata = file["metadata"]!;
        if ((int?)file["nbformat"] != 4 || (int?)file["nbformat_minor"] != 5)
        {
            yield return "nbformat is not 4.5";
        }

        if (Text(metadata["kernelspec"]?["name"]) != ".net-csharp" || Text(metadata["language_info"]?["name"]) != "C#")
        {
            yield return "kernelspec or language_info does not say .NET (C#)";
        }

        if (Text(metadata["polyglot_notebook"]?["kernelInfo"]?["defaultKernelName"]) != "csharp")
        {
            yield return "polyglot_notebook.kernelInfo.defaultKernelName is not csharp";
        }

        var ids = cells.Select(cell => Text(cell["id"])).ToList();
        if (ids.Contains(null) || ids.Distinct().Count() != ids.Count)
        {
            yield return "a cell has no id, or two cells share one";
        }
    }

    private static IEnumerable<string> CellComplaints(JsonNode cell)
    {
        var source = Source(cell);
        if (AbsolutePath().Match(source) is { Success: true } absolute)
        {
            yield return $"absolute path {absolute.Value.Trim()}";
        }

        var own = Text(cell["cell_type"]) == "code" ? CodeComplaints(cell, source) : MarkdownComplaints(source);
        foreach (var complaint in own)
        {
            yield return complaint;
        }
    }

    /// <summary>dotnet-repl submits markdown cells as code; these lines then mean something, even in a fence.</summary>
    private static IEnumerable<string> MarkdownComplaints(string source) =>
        source.Split('\n')
            .Where(line => MarkdownTrap().IsMatch(line))
            .Select(line => $"markdown line that dotnet-repl runs: {line}");

    private static IEnumerable<string> CodeComplaints(JsonNode cell, string source)
    {
        if (cell["outputs"]!.AsArray().Count > 0 || cell["execution_count"] is not null)
        {
            yield return "outputs are committed";
        }

        if (Text(cell["metadata"]?["dotnet_interactive"]?["language"]) != "csharp"
            || Text(cell["metadata"]?["polyglot_notebook"]?["kernelName"]) != "csharp")
        {
            yield return "cell metadata does not name the csharp kernel twice";
        }

        if (Magic().Match(source) is { Success: true } magic)
        {
            yield return $"magic {magic.Value.Trim()}";
            yield break;
        }

        // What only the binder refuses shows when the notebook runs.
        var tree = CSharpSyntaxTree.ParseText(source, s_cSharp13);
        foreach (var error in tree.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error))
        {
            yield return $"C# 13 does not allow: {error.GetMessage()}";
        }

        foreach (var call in tree.GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>())
        {
            if (call.Expression.ToString() is "Javascript" or "CSS" or "GetInputAsync" or "GetPasswordAsync")
            {
                yield return $"{call.Expression} needs a front end";
            }

            if (IsKeptDisplay(call))
            {
                yield return $"the final engine cannot update {call}; use KernelInvocationContext.Current.Display";
            }
        }
    }

    /// <summary>display(x) and x.Display() return a handle that the last release of the engine cannot update.</summary>
    private static bool IsKeptDisplay(InvocationExpressionSyntax call) =>
        call.Parent is EqualsValueClauseSyntax or AssignmentExpressionSyntax or MemberAccessExpressionSyntax
        && call.Expression switch
        {
            IdentifierNameSyntax { Identifier.Text: "display" } => true,
            MemberAccessExpressionSyntax { Name.Identifier.Text: "Display" or "DisplayAs" } member =>
                !member.Expression.ToString().EndsWith("KernelInvocationContext.Current", StringComparison.Ordinal),
            _ => false,
        };

    /// <summary>One #r, in the first code cell.</summary>
    private static IEnumerable<string> ReferenceComplaints(List<JsonNode> cells) =>
        from cell in cells.Where(cell => Text(cell["cell_type"]) == "code").Index()
        let references = Reference().Count(Source(cell.Item))
        where references > (cell.Index == 0 ? 1 : 0)
        select $"cell {cells.IndexOf(cell.Item) + 1}: " + (cell.Index == 0 ? "more than one #r" : "#r outside the first code cell");

    private static string Source(JsonNode cell) => cell["source"] switch
    {
        JsonArray lines => string.Concat(lines.Select(line => (string)line!)),
        var text => (string)text!,
    };

    private static string? Text(JsonNode? node) => (string?)node;

    [GeneratedRegex("""^(#!\w|#r "nuget:|#i)""")]
    private static partial Regex MarkdownTrap();

    [GeneratedRegex("""(?<![\w.:/])/(?:home|root|Users|work|tmp|mnt|opt|var|usr)/\S*|\b[A-Z]:\\\S*""")]
    private static partial Regex AbsolutePath();

    [GeneratedRegex("""^\s*(?:#!\S*|#r\s+"nuget:.*|#i\s.*)""", RegexOptions.Multiline)]
    private static partial Regex Magic();

    [GeneratedRegex("""^#r "(?!nuget:)""", RegexOptions.Multiline)]
    private static partial Regex Reference();
}
