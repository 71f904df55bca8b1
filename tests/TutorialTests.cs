using System.Globalization;
using System.Text.RegularExpressions;
using Logitscope.Tests.Cli;

namespace Logitscope.Tests;

/// <summary>docs/tutorial.md, word for word: every command runs, says what is shown, and makes the files that it names.</summary>
public sealed partial class TutorialTests : IDisposable
{
    // With this set, what is shown is put in place instead of being compared.
    private const string Write = "LOGITSCOPE_WRITE_TABLES";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_command_says_what_is_shown()
    {
        var path = Repository.File("docs", "tutorial.md");
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var commands = Command().Matches(text);
        Assert.True(commands.Count >= 6);
        foreach (var block in commands.Reverse())
        {
            var arguments = Word().Matches(block.Groups["command"].Value).Select(word => word.Groups["quoted"].Success ? word.Groups["quoted"].Value : word.Value)
                .Select(word => word.Replace("out/tutorial", _folder.Path, StringComparison.Ordinal))
                .Select(word => word.StartsWith("data/", StringComparison.Ordinal) ? Repository.File(word) : word).ToArray();
            Directory.CreateDirectory(_folder.Path);
            var said = string.Join('\n', (await Outcome.Of(arguments)).Succeeded().Output.Split('\n').Select(line => line.TrimEnd())).Trim('\n');
            Assert.All(arguments.Where(word => word.StartsWith(_folder.Path, StringComparison.Ordinal)), made => Assert.True(Path.Exists(made), $"{made} was not made"));
            if (block.Groups["shown"] is not { Success: true } shown)
            {
                continue;
            }

            if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            {
                text = $"{text[..shown.Index]}{said}\n{text[(shown.Index + shown.Length)..]}";
                continue;
            }

            var (expected, got) = (Piece().Matches(shown.Value), Piece().Matches(said));
            Assert.Equal(expected.Count, got.Count);
            Assert.All(expected.Zip(got), pair => Assert.True(Same(pair.First.Value, pair.Second.Value), $"{arguments[0]}: expected {pair.First.Value}, got {pair.Second.Value}"));
        }

        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
        {
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        }
    }

    // Another processor rounds otherwise.
    private static bool Same(string one, string other) => one == other
        || (double.TryParse(one, CultureInfo.InvariantCulture, out var a) && double.TryParse(other, CultureInfo.InvariantCulture, out var b) && Math.Abs(a - b) <= 0.002 + (0.01 * Math.Abs(a)));

    [GeneratedRegex(@"```sh\n\./logitscope (?<command>[^\n]+)\n```\n(\n```text\n(?<shown>[^`]*)```)?")]
    private static partial Regex Command();

    [GeneratedRegex("\"(?<quoted>[^\"]*)\"|\\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"-?\d+(\.\d+)?|[^\d\s]+")]
    private static partial Regex Piece();
}
