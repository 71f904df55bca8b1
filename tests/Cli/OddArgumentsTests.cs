using System.CommandLine;
using System.Text.Json;
using Logitscope.Cli;
using Logitscope.Tests.Golden;

namespace Logitscope.Tests.Cli;

/// <summary>No argument, however wrong, is answered by a stack trace, and what --json answers is JSON.</summary>
[Collection(nameof(Alone))] // in a folder of their own, since an odd value may be a good name for an output
public sealed class OddArgumentsTests : IDisposable
{
    private static readonly string s_numbers = GoldenModel.FolderOf("gptj/partial-rotary");
    private readonly TemporaryFolder _folder = TemporaryFolder.Fast();
    private readonly string _before = Environment.CurrentDirectory;
    private readonly Variable _offline = new("HF_HUB_OFFLINE", "1");

    public OddArgumentsTests() =>
        Environment.CurrentDirectory = Directory.CreateDirectory(_folder.PathOf("one", "two")).FullName; // ".." is one, too

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        _offline.Dispose();
        _folder.Dispose();
    }

    // A command line of each verb that is right; with --offline where it would ask the network, and into models that are not
    // there where it would run for minutes.
    private Dictionary<string, string[]> Sound => new()
    {
        ["inspect"] = ["--model", s_numbers],
        ["convert"] = [s_numbers, _folder.PathOf("converted")],
        ["tokenize"] = ["--text", "a b"],
        ["logits"] = ["--model", s_numbers, "--ids", "1,2", "--out", _folder.PathOf("logits.safetensors")],
        ["generate"] = ["--model", s_numbers, "--ids", "1,2", "--max-new-tokens", "2"],
        ["patch"] =
        [
            "--model", s_numbers, "--source-ids", "1,2", "--source-layer", "1", "--source-position", "-1",
            "--target-ids", "3,4", "--target-layer", "1", "--target-position", "-1",
        ],
        ["lens"] = ["--model", s_numbers, "--ids", "1,2"],
        ["trace"] = ["--model", s_numbers, "--ids", "1,2,3", "--subject", "1:2"],
        ["knockout"] = ["--model", s_numbers, "--ids", "1,2,3", "--keys", "1"],
        ["stages"] = ["--model", s_numbers, "--ids", "1,2,3", "--argument", "1"],
        ["lre"] = ["--model", s_numbers, "--relation", "/no/such.json"],
        ["probe"] = ["--model", s_numbers, "--relation", "/no/such.json"],
        ["extract"] = ["--model", s_numbers, "--relation", "/no/such.json"],
        ["describe"] = ["--model", s_numbers, "--data", "/no/such.jsonl"],
        ["across"] = ["--model", s_numbers, "--into", s_numbers, "--data", _folder.PathOf("p.jsonl"), "--held-out", "0.5", "--ridge", "0.1"],
        ["multihop"] = ["--model", s_numbers, "--data", "/no/such.jsonl"],
        ["doctor"] = [],
        ["explore"] = ["--model", "/no/such/model"],
        ["fit"] = ["jump", "--model", s_numbers, "--data", _folder.PathOf("p.jsonl"), "--out", _folder.PathOf("fit"), "--ridge", "0.1"],
        ["sweep"] =
        [
            "--model", s_numbers, "--data", _folder.PathOf("p.jsonl"), "--out", _folder.PathOf("sweep"), "--methods", "logit-lens",
            "--positions", "last",
        ],
        ["merge"] = [_folder.PathOf("nowhere")],
        ["compare"] = [_folder.PathOf("nowhere"), _folder.PathOf("elsewhere")],
        ["page"] = ["/no/such.ipynb", "--out", _folder.PathOf("pages")],
        ["download"] = ["a/b", "--to", _folder.PathOf("download"), "--offline"],
        ["data atlas"] = ["--atlas", "/no/such/atlas", "--out", _folder.PathOf("atlas.jsonl")],
        ["data pile"] = ["--limit", "1", "--to", _folder.PathOf("pile"), "--offline"],
        ["train"] = ["--recipe", "/no/such/recipe.json", "--out", _folder.PathOf("trained")],
        ["eval atlas"] = ["--model", "/no/such/model"],
    };

    private static readonly string[] s_odd =
    [
        "", " ", "abc", "0", "-1", "1", "3", "0,7", "1.5", "1e3", "0x10", "+1", " 1", "1_000", "1,000", "٣", "NaN", "Infinity", "-Infinity",
        "2147483647", "2147483648", "-2147483649", "99999999999999999999999999", "1e999", "-0", "@file", "@", "--", "-", ".", "..",
        "/dev/null/x", "a\nb", "\u001b[31m", "ünï", "\ud83d\ude00", "true", "null", "{}", "[1,2]", "1,,2", "1,2,", "-1,2", "61", "99999", "cuda:-1", "cuda:999",
        "cpu:0", "meta", "Random", "LAST", "last,random", "8/3", "0/0", "auto", "logit-lens,logit-lens", "logit-lens=1", "logitscope=", "a=b=c", "a/b/c",
    ];

    [Fact]
    public async Task Every_option_of_every_verb_survives_every_odd_value()
    {
        _folder.Write("p.jsonl", "{\"ids\": [60, 1, 2]}\n{\"ids\": [60, 3]}\n");
        _folder.Write("atlas.jsonl", "");
        var root = CommandLine.Root();
        var (ran, random) = (0, new Random(2026));
        foreach (var (verb, command) in Verbs(root))
        {
            Assert.True(Sound.TryGetValue(verb, out var sound), $"no sound command line of '{verb}' in this test");
            foreach (var option in command.Options.Where(option => option.Name is not ("--help" or "--version")))
            {
                foreach (var value in random.GetItems(s_odd, 10).Distinct())
                {
                    await Try([.. verb.Split(' '), .. Without(sound, option.Name), .. Given(option.Name, value)]);
                    ran++;
                }

                await Try([.. verb.Split(' '), .. sound, option.Name]);
                await Try([.. verb.Split(' '), .. sound, option.Name, "1", option.Name, "2"]);
                await Try([.. verb.Split(' '), .. sound, .. ValueOf(sound, option.Name), .. ValueOf(sound, option.Name)]);
            }

            foreach (var value in random.GetItems(s_odd, 6).Distinct())
            {
                await Try([.. verb.Split(' '), .. value == "--" ? sound : [], value]); // nothing else but -- is the whole exam of `eval atlas`
                await Try([.. verb.Split(' '), .. sound, value]);
            }

            await Try([.. verb.Split(' '), .. sound]);
            await Try([.. verb.Split(' '), .. sound, .. sound]);
        }

        Assert.True(ran > 500, $"{ran} cases");
    }

    // Two options at a time, from a fixed seed.
    [Fact]
    public async Task Odd_values_together()
    {
        _folder.Write("p.jsonl", "{\"ids\": [60, 1, 2]}\n{\"ids\": [60, 3]}\n");
        var random = new Random(2026);
        var verbs = Verbs(CommandLine.Root()).Where(verb => verb.Command.Options.Any(option => option.Name != "--help")).ToArray();
        for (var i = 0; i < 150; i++)
        {
            var (verb, command) = verbs[random.Next(verbs.Length)];
            var options = command.Options.Where(option => option.Name is not ("--help" or "--version")).ToArray();
            string[] line = [.. verb.Split(' '), .. Sound[verb]];
            for (var more = random.Next(1, 4); more > 0; more--)
            {
                var option = options[random.Next(options.Length)].Name;
                line = [.. verb.Split(' '), .. Without(line[verb.Split(' ').Length..], option), option, s_odd[random.Next(s_odd.Length)]];
            }

            await Try(line);
        }
    }

    [Theory]
    [InlineData("generate", "--text", "a", "--text", "b")]
    [InlineData("generate", "--ids", "1", "--ids", "2")]
    [InlineData("patch", "--source", "a", "--source", "b", "--target", "c")]
    [InlineData("patch", "--source", "a", "--target", "c", "--source-layer", "1", "--source-position", "1", "--target-layer", "1", "--target-position", "1", "--top", "abc")]
    [InlineData("data", "pile", "--limit", "abc")]
    [InlineData("eval", "atlas", "--limit", "abc")]
    [InlineData("eval", "atlas", "--questions", "x")]
    [InlineData("sweep", "--data", "p.jsonl", "--positions", "3", "--out", "O")]
    [InlineData("tokenize", "--text", "a", "--text", "b")]
    public async Task What_field_reports_brought_to_light_is_one_line(params string[] arguments) =>
        (await Outcome.Of(arguments)).FailedWith("(see logitscope ");

    [Theory]
    [InlineData("--temperature", "0,7", "expected a number such as 0.7, got '0,7'")]
    [InlineData("--temperature", "1e2", "got '1e2'")]
    [InlineData("--temperature", "NaN", "got 'NaN'")]
    [InlineData("--temperature", "Infinity", "got 'Infinity'")]
    [InlineData("--max-new-tokens", "1,000", "expected a whole number, got '1,000'")]
    [InlineData("--max-new-tokens", "1e1", "got '1e1'")]
    [InlineData("--max-new-tokens", "2.0", "got '2.0'")]
    [InlineData("--seed", " 1", "got ' 1'")]
    [InlineData("--seed", "9223372036854775808", "got '9223372036854775808'")]
    public async Task A_number_is_read_strictly(string option, string value, string words) =>
        (await Outcome.Of("generate", "--model", s_numbers, "--ids", "1", option, value)).FailedWith($"{option}: ", words);

    [Fact]
    public async Task A_number_is_read_the_same_under_every_culture()
    {
        string[] line = ["generate", "--model", s_numbers, "--ids", "1", "--seed", "-7", "--temperature"];
        var expected = (await Outcome.Of([.. line, "0.7"])).Succeeded();
        using var hostile = new Culture();
        Assert.Equal(expected, await Outcome.Of([.. line, "0.7"]));
        (await Outcome.Of([.. line, "0,7"])).FailedWith("got '0,7'");
    }

    [Fact]
    public async Task A_prompt_may_begin_with_an_at_sign_whether_a_file_has_that_name_or_not()
    {
        var file = _folder.Write("mention", "--no-bos\n");
        foreach (var text in new[] { $"@{file}", "@someone said", "@" })
        {
            var tokens = (await Outcome.Of("tokenize", "--text", text, "--json")).Succeeded().Json.GetProperty("tokens");
            Assert.Equal("<|endoftext|>", tokens[0].GetString());
            Assert.Equal(text, string.Concat(tokens.EnumerateArray().Skip(1).Select(token => token.GetString()!.Replace("␣", " "))));
        }
    }

    // The last resort itself: whatever nothing foresaw is one line that names it as a bug.
    [Fact]
    public async Task What_nothing_foresaw_is_a_bug_in_one_line()
    {
        using var output = new Broken();
        using var error = new StringWriter();
        Assert.Equal(1, await CommandLine.RunAsync(["tokenize", "--text", "a"], output, error));
        Assert.StartsWith($"logitscope: {CommandLine.Bug}: NotSupportedException in ", error.ToString(), StringComparison.Ordinal);
        Assert.Single(error.ToString().TrimEnd('\n').Split('\n'));
    }

    // The sign of a word decides how it is read, so both ways of giving a value are tried.
    private static string[] Given(string option, string value) =>
        value is ['-' or '@', ..] or "" || value.Length % 2 == 0 ? [$"{option}={value}"] : [option, value];

    private async Task Try(string[] arguments)
    {
        var shown = string.Join(' ', arguments.Select(argument => $"'{argument}'"));
        Outcome outcome;
        try
        {
            outcome = await Task.Run(() => Outcome.Of(arguments)).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{shown} threw", error);
        }

        Assert.True(outcome.Code is 0 or 1, $"{shown}: exit code {outcome.Code}");
        Assert.False(outcome.Error.Contains(CommandLine.Bug, StringComparison.Ordinal), $"{shown}: {outcome.Error}");
        Assert.False(outcome.Error.Contains("   at ", StringComparison.Ordinal), $"{shown}: {outcome.Error}");
        Assert.False(outcome.Error.Contains('\u001b', StringComparison.Ordinal), $"{shown}: control codes");
        if (outcome.Code == 1)
        {
            var said = outcome.Error.TrimEnd('\n').Split('\n');
            Assert.True(said[^1].StartsWith("logitscope: ", StringComparison.Ordinal), $"{shown}: {outcome.Error}");
        }
        else if (arguments.Contains("--json"))
        {
            using var answer = JsonDocument.Parse(outcome.Output);
        }

        foreach (var made in new[] { "converted", "sweep", "download", "pile", "trained", "pages" }.Select(name => _folder.PathOf(name)).Where(Directory.Exists))
        {
            Directory.Delete(made, recursive: true);
        }
    }

    private static IEnumerable<(string Verb, Command Command)> Verbs(Command command, string before = "") =>
        command.Subcommands.SelectMany(verb => verb.Subcommands.Count > 0
            ? Verbs(verb, $"{before}{verb.Name} ")
            : [(before + verb.Name, verb)]);

    private static string[] ValueOf(string[] line, string option) =>
        Array.IndexOf(line, option) is var place && place >= 0 && place + 1 < line.Length ? line[place..(place + 2)] : [];

    private static string[] Without(string[] line, string option) =>
        Array.IndexOf(line, option) is var place && place < 0 ? line
        : place + 1 < line.Length && !line[place + 1].StartsWith("--", StringComparison.Ordinal) ? [.. line[..place], .. line[(place + 2)..]]
        : [.. line[..place], .. line[(place + 1)..]];

    private sealed class Broken : StringWriter
    {
        public override void Write(char value) => throw new NotSupportedException("no writer");

        public override void Write(string? value) => throw new NotSupportedException("no writer");

        public override void Write(char[] buffer, int index, int count) => throw new NotSupportedException("no writer");
    }
}
