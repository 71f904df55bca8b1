using System.Text.RegularExpressions;

namespace Logitscope.Tests.Documents;

/// <summary>A Markdown file of the repository: its blocks, what it says in code, and where it leads.</summary>
/// <param name="Name">From the repository's root.</param>
/// <param name="Text">All of it.</param>
internal sealed partial record Document(string Name, string Text)
{
    /// <summary>What people read: not the changelog, whose commands were those of their day.</summary>
    public static IReadOnlyList<Document> All { get; } =
    [
        .. new[] { "README.md", "CONTRIBUTING.md", "eng/package/README.md", "bench/README.md" }
            .Concat(Directory.EnumerateFiles(Repository.File("docs"), "*.md").Select(path => Path.GetRelativePath(Repository.Root, path)).Order(StringComparer.Ordinal))
            .Select(name => new Document(name, File.ReadAllText(Repository.File(name)))),
    ];

    /// <summary>Names for a theory's rows: those with a block in a language.</summary>
    public static TheoryData<string> With(string language) => [.. All.Where(one => one.Blocks.Any(block => block.Language == language)).Select(one => one.Name)];

    /// <summary>The one of a name.</summary>
    public static Document Named(string name) => All.Single(one => one.Name == name);

    /// <summary>Its fenced blocks.</summary>
    public IEnumerable<Block> Blocks => Fence().Matches(Text).Select(match => new Block(match.Groups["language"].Value, match.Groups["content"].Value, match.Groups["content"].Index));

    /// <summary>What stands between single backquotes.</summary>
    public IEnumerable<string> Code => Inline().Matches(Fence().Replace(Text, "")).Select(match => match.Groups[1].Value.ReplaceLineEndings(" "));

    /// <summary>Where its links and pictures lead.</summary>
    public IEnumerable<string> Links => Link().Matches(Fence().Replace(Text, "")).Select(match => match.Groups[1].Value);

    /// <summary>The words of a command, quotes taken off, as a shell passes them on.</summary>
    public static string[] Words(string command) => [.. Word().Matches(command).Select(word => word.Groups["quoted"].Success ? word.Groups["quoted"].Value : word.Value)];

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<content>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("(?<!`)`([^`]+)`(?!`)")]
    private static partial Regex Inline();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("\"(?<quoted>[^\"]*)\"|\\S+")]
    private static partial Regex Word();
}

/// <summary>A fenced block.</summary>
/// <param name="Language"><c>sh</c> and <c>csharp</c> are run, <c>bash</c> is looked through, <c>text</c> is what something answers.</param>
/// <param name="Content">Its lines.</param>
/// <param name="Index">Where they begin in the document.</param>
internal sealed partial record Block(string Language, string Content, int Index)
{
    /// <summary>Its commands of Logitscope, each on one line and without its comment.</summary>
    public IEnumerable<string> Commands => Content.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
        .Select(line => Comment().Replace(line, "").Trim())
        .Where(line => line.StartsWith("./logitscope", StringComparison.Ordinal)).Select(line => line["./logitscope".Length..].Trim());

    [GeneratedRegex(@"(^|\s)#.*$")]
    private static partial Regex Comment();
}
