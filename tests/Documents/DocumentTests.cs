using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Logitscope.Cli;
using Logitscope.Tests.Notebooks;

namespace Logitscope.Tests.Documents;

/// <summary>What the documents say is there: links, tests, commands, errors.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] s_languages = ["sh", "bash", "csharp", "text", "yaml", "json"];

    [Fact]
    public void Every_block_says_what_it_is() => Assert.Empty(
        from document in Document.All
        from block in document.Blocks
        where !s_languages.Contains(block.Language)
        select $"{document.Name}: a block begins with ```{block.Language}\n{block.Content}");

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading_that_are_there() => Assert.Empty(
        from document in Document.All
        from link in document.Links
        where !link.Contains("://", StringComparison.Ordinal)
        let parts = link.Split('#', 2)
        let path = parts[0].Length == 0 ? Repository.File(document.Name) : Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(document.Name)!, parts[0]))
        where !Path.Exists(path) || (parts.Length > 1 && !Headings(path).Contains(parts[1]))
        select $"{document.Name}: {link}");

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var tests = typeof(DocumentTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttributes().Any(one => one is FactAttribute)).Select(method => $"{type.FullName}.{method.Name}")).ToArray();
        var named =
            from document in Document.All
            from code in document.Code.Concat(document.Blocks.SelectMany(block => block.Content.Split('\n')))
            from Match command in TestCommand().Matches(code)
            from word in command.Groups["word"].Captures
            where word.Value != "WORD"
            select (document.Name, Word: word.Value);
        Assert.True(named.Count() > 50);
        Assert.DoesNotContain(named, one => !tests.Any(test => test.Contains(one.Word, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_a_test_cannot_run_is_a_command_that_there_is()
    {
        foreach (var document in Document.All)
        {
            foreach (var block in document.Blocks.Where(block => block.Language is "bash" or "sh"))
            {
                Assert.All(block.Commands, command => Assert.Empty(CommandLine.Root().Parse(Document.Words(command)) is var parsed
                    ? parsed.Errors.Select(error => $"{document.Name}: {error.Message}").Concat(parsed.UnmatchedTokens) : []));
                foreach (Match file in OwnFile().Matches(block.Content))
                {
                    Assert.True(File.Exists(Repository.File(file.Value)), $"{document.Name}: {file.Value} is not there");
                }

                using var bash = Process.Start(new ProcessStartInfo("bash", ["-n"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
                await bash.StandardInput.WriteAsync(block.Content);
                bash.StandardInput.Close();
                Assert.Equal("", await bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            }
        }
    }

    /// <summary>An option that is spoken of belongs to the verb.</summary>
    [Fact]
    public void Every_command_between_the_lines_has_its_verb_and_options() => Assert.Empty(
        from document in Document.All
        from code in document.Code
        where code.StartsWith("./logitscope ", StringComparison.Ordinal)
        let words = Document.Words(code)[1..]
        let verb = CommandLine.Root().Subcommands.FirstOrDefault(one => one.Name == words[0])
        let known = verb is null ? [] : verb.Options.Concat(verb.Subcommands.SelectMany(one => one.Options)).Select(option => option.Name).Append("--help").ToArray()
        from wrong in words[0].StartsWith('-') ? [] : verb is null ? [words[0]] : words.Where(word => word.StartsWith("--", StringComparison.Ordinal) && !known.Contains(word))
        select $"{document.Name}: {code}: {wrong}");

    /// <summary>docs/troubleshooting.md quotes what the code says.</summary>
    [Fact]
    public void Every_line_of_Troubleshooting_is_an_error_of_ours()
    {
        var quoted = Quoted().Matches(Document.Named("docs/troubleshooting.md").Text).Select(match => match.Groups[1].Value).ToArray();
        var code = string.Concat(new[] { "lib", "cli", "eng" }.SelectMany(folder => Directory.EnumerateFiles(Repository.File(folder), "*.*", SearchOption.AllDirectories))
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".sh", StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.True(quoted.Length > 15);
        Assert.All(quoted, words => Assert.Contains(words, code, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Tier", "slow")]
    public async Task The_site_is_made_without_a_warning()
    {
        var made = await Engine.Run(Repository.File("eng", "site.sh"), [], Repository.Root);
        Assert.True(made.Code == 0, made.Text);
        var site = made.Output.TrimEnd().Split('\n')[^1];
        Assert.True(File.Exists(site), made.Text);
        var reference = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(site)!, "api", "Logitscope.Patchscope.html"), TestContext.Current.CancellationToken);
        Assert.Contains("2401.06102", reference, StringComparison.Ordinal);
    }

    // As GitHub makes anchors: letters, digits and dashes.
    private static IEnumerable<string> Headings(string path) => Heading().Matches(File.ReadAllText(path))
        .Select(match => NoAnchor().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\./test\.sh(?: --all)?(?: (?<word>[A-Z]\w+))+")]
    private static partial Regex TestCommand();

    [GeneratedRegex(@"(?<=\./)(run|test|eng/\w+|bench/run)\.sh")]
    private static partial Regex OwnFile();

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();
}
