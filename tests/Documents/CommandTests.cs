using System.Globalization;
using System.Text.RegularExpressions;
using Logitscope.Tests.Cli;

namespace Logitscope.Tests.Documents;

/// <summary>The documents' commands, word for word: each runs, says what is shown behind it, and makes the files that it names.</summary>
public sealed partial class CommandTests : IDisposable
{
    // With this set, what is shown is put in place instead of being compared.
    private const string Write = "LOGITSCOPE_WRITE_TABLES";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Others => [.. Document.With("sh").Select(row => row.Data).Where(name => !name.EndsWith("tutorial.md", StringComparison.Ordinal))];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Every_command_of_the_Tutorial_says_what_is_shown() => Run("docs/tutorial.md");

    [Theory]
    [Trait("Tier", "slow")]
    [MemberData(nameof(Others))]
    public Task Every_command_says_what_is_shown(string name) => Run(name);

    private async Task Run(string name)
    {
        var text = Document.Named(name).Text;
        var places = new List<(int Index, int Length, string Said)>();
        var blocks = Document.Named(name).Blocks.ToArray();
        foreach (var (number, block) in blocks.Index().Where(one => one.Item.Language == "sh"))
        {
            Assert.Equal(block.Content.Replace("\\\n", " ", StringComparison.Ordinal).Trim().Split('\n').Length, block.Commands.Count()); // nothing but commands of ours
            var said = "";
            foreach (var command in block.Commands)
            {
                said += await Answer(Document.Words(command));
            }

            ComparePictures(text[block.Index..(number + 1 < blocks.Length ? NextCommand(blocks, number) : text.Length)], Repository.File(Path.GetDirectoryName(name)!));

            // What is shown is the next block, with nothing between.
            if (number + 1 < blocks.Length && blocks[number + 1] is { Language: "text" } shown
                && text[(block.Index + block.Content.Length)..shown.Index].Trim() is "```\n\n```text" or "```\n```text")
            {
                places.Add((shown.Index, shown.Content.Length, said.Trim('\n') + "\n"));
                if (Environment.GetEnvironmentVariable(Write) is not { Length: > 0 })
                {
                    var (expected, got) = (Piece().Matches(shown.Content), Piece().Matches(said));
                    Assert.Equal(expected.Count, got.Count);
                    Assert.All(expected.Zip(got), pair => Assert.True(Same(pair.First.Value, pair.Second.Value), $"{block.Content}: expected {pair.First.Value}, got {pair.Second.Value}"));
                }
            }
        }

        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
        {
            foreach (var (index, length, said) in Enumerable.Reverse(places))
            {
                text = text[..index] + said + text[(index + length)..];
            }

            await File.WriteAllTextAsync(Repository.File(name), text, TestContext.Current.CancellationToken);
        }
    }

    private static int NextCommand(Block[] blocks, int number) => blocks.Skip(number + 1).FirstOrDefault(block => block.Language == "sh")?.Index ?? blocks[^1].Index;

    // A picture behind a command is the one of that name that it made: its words, since another processor rounds a colour otherwise.
    private void ComparePictures(string section, string beside)
    {
        foreach (var shown in Picture().Matches(section).Select(match => Path.Combine(beside, match.Groups[1].Value)))
        {
            var made = Directory.EnumerateFiles(_folder.Path, Path.GetFileName(shown), SearchOption.AllDirectories).SingleOrDefault();
            Assert.True(made is not null, $"no command before {shown} makes it");
            if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            {
                Directory.CreateDirectory(Path.GetDirectoryName(shown)!);
                File.Copy(made, shown, overwrite: true);
            }

            Assert.Equal(WordsOf(shown), WordsOf(made));
        }

        static IEnumerable<string> WordsOf(string picture) => Drawn().Matches(File.ReadAllText(picture)).Select(match => match.Groups[1].Value);
    }

    private async Task<string> Answer(string[] words)
    {
        var arguments = words.Select(word => Regex.Replace(word, "(^|=)out/", $"$1{_folder.Path}/"))
            .Select(word => word.StartsWith("data/", StringComparison.Ordinal) ? Repository.File(word) : word).ToArray();
        foreach (var parent in arguments.Where(word => word.StartsWith(_folder.Path, StringComparison.Ordinal)).Select(word => Path.GetDirectoryName(word)!))
        {
            Directory.CreateDirectory(parent);
        }

        var output = (await Outcome.Of(arguments)).Succeeded().Output;
        Assert.All(arguments.Where(word => word.StartsWith(_folder.Path, StringComparison.Ordinal)), made => Assert.True(Path.Exists(made), $"{made} was not made"));
        return string.Concat(output.Split('\n').Select(line => line.TrimEnd() + "\n"));
    }

    // Another processor rounds otherwise.
    private static bool Same(string one, string other) => one == other
        || (double.TryParse(one, CultureInfo.InvariantCulture, out var a) && double.TryParse(other, CultureInfo.InvariantCulture, out var b) && Math.Abs(a - b) <= 0.002 + (0.01 * Math.Abs(a)));

    [GeneratedRegex(@"!\[[^\]]*\]\((images/tutorial/[^)]+\.svg)\)")]
    private static partial Regex Picture();

    [GeneratedRegex("<text [^>]*>([^<>]+)<")]
    private static partial Regex Drawn();

    [GeneratedRegex(@"-?\d+(\.\d+)?|[^\d\s]+")]
    private static partial Regex Piece();
}
