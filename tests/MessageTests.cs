using System.Reflection;
using Logitscope.Cli;
using Logitscope.Tests.Checkpoints;
using Logitscope.Tests.Cli;
using Logitscope.Tests.Tokenizers;

namespace Logitscope.Tests;

/// <summary>No message carries what a terminal would obey, whatever file, name or argument it quotes.</summary>
public sealed class MessageTests : IDisposable
{
    /// <summary>Sets the title, turns red, overrides the direction, breaks the line.</summary>
    private const string Hostile = "\u001b]0;title\u0007\u001b[31m\u007f\u0085\u009b1m\u2028\u2029\u202A\u202E\u2066\u2069";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<Type> Errors =>
    [
        .. new[] { typeof(LogitscopeException).Assembly, typeof(CommandLine).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsAssignableTo(typeof(LogitscopeException)) && !type.IsAbstract && type != typeof(NonFiniteException)), // says numbers alone
    ];

    [Theory]
    [MemberData(nameof(Errors))]
    public void Every_error_cleans_its_message(Type type)
    {
        var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Single(made => made.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(string));
        var arguments = constructor.GetParameters().Skip(1).Select(_ => (object?)null);
        var error = (Exception)constructor.Invoke([$"expected a\r\n\0\tb, got '{Hostile}'", .. arguments]);
        RequireHarmless(error.Message);
        Assert.Contains("expected a\\u000D\\u000A\\u0000\\u0009b, got '\\u001B]0;title\\u0007\\u001B[31m\\u007F", error.Message);
        Assert.Contains("\\u2028\\u2029\\u202A\\u202E\\u2066\\u2069'", error.Message);
    }

    [Fact]
    public void A_message_of_ordinary_text_stays_as_it_is_and_a_long_one_loses_its_middle()
    {
        const string text = "'naïve 中文 🙂 ▁ e\u0301': expected <0x0A>, got «a»";
        Assert.Equal(text, new LogitscopeException(text).Message);
        var error = new LogitscopeException("begin" + new string('x', 100_000) + "end");
        Assert.InRange(error.Message.Length, 100, 2000);
        Assert.StartsWith("beginx", error.Message);
        Assert.EndsWith("xend", error.Message);
    }

    [Fact]
    public void What_files_hold_is_harmless_in_a_message()
    {
        var json = $$"""{"text": "{{Hostile}}"}""";
        Refused<DatasetException>(() => ExampleFile.Read(_folder.Write("a.jsonl", json)).Count());
        Refused<DatasetException>(() => ExampleFile.Read(_folder.Write($"{Hostile.Replace('/', ' ')}.csv", "a")).Count());
        Vocabularies.Small.Save(_folder.Path);
        _folder.Write("merges.txt", $"a {Hostile}\n");
        Refused<TokenizerException>(() => ModelTokenizer.Load(_folder.Path));
        _folder.Write("tokenizer_config.json", $$"""{"tokenizer_class": "\u001b[31m\u202e"}""");
        Refused<TokenizerException>(() => ModelTokenizer.Load(_folder.Path));
        _folder.Write("config.json", """{"model_type": "\u001b[31m\u202e"}""");
        Refused<CheckpointException>(() => LanguageModel.Load(_folder.Path));
        _folder.Write("config.json", """{"model_type": "gptj", "n_embd": "\u001b[31m\u202e"}""");
        Refused<CheckpointException>(() => LanguageModel.Load(_folder.Path));
        _folder.Write("w.safetensors", RawSafetensors.Make("""{"\u001b[31m\u202e": {"dtype": "F32", "shape": [3], "data_offsets": [0, 4]}}""", 4));
        Refused<CheckpointException>(() => SafetensorsFile.Open(_folder.PathOf("w.safetensors")));

        static void Refused<T>(Func<object?> read)
            where T : LogitscopeException
        {
            var message = Assert.Throws<T>(() => { _ = read(); }).Message;
            RequireHarmless(message);
            Assert.True(message.Contains("\\u001B") || message.Contains("\\u0085"), message);
        }
    }

    [Theory]
    [InlineData("verb")]
    [InlineData("inspect", "--model", "folder")]
    [InlineData("generate", "--text", "a", "--max-new-tokens", "number")]
    [InlineData("sweep", "--out", "x", "--data", "file.jsonl")]
    [InlineData("lens", "--text", "a", "--method", "method")]
    public async Task What_the_command_line_is_given_is_harmless_in_its_answer(params string[] words)
    {
        var outcome = await Outcome.Of([.. words[..^1], words[^1] + Hostile + words[^1]]);
        Assert.NotEqual(0, outcome.Code);
        RequireHarmless(outcome.Error.TrimEnd('\n'));
    }

    [Fact]
    public async Task The_name_of_a_file_is_harmless_in_a_table()
    {
        var file = _folder.Write("\u001b[31m\u202ew.safetensors", RawSafetensors.Make($"{{{RawSafetensors.Entry("w", "F32", "[1]", 0, 4)}}}", 4));
        var outcome = (await Outcome.Of("inspect", "--model", file)).Succeeded();
        Assert.Contains("[31m", outcome.Output);
        RequireHarmless(outcome.Output.Replace("\n", "", StringComparison.Ordinal));
    }

    private static void RequireHarmless(string message) => Assert.DoesNotContain(message, letter =>
        char.IsControl(letter) || letter is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'));
}
