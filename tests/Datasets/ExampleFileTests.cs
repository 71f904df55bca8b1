using System.Text;
using System.Text.Json;
using FsCheck.Fluent;
using Logitscope.Tests.Tokenizers;

namespace Logitscope.Tests.Datasets;

public sealed class ExampleFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_are_texts_or_ids_with_or_without_a_name()
    {
        var examples = Read("a.jsonl", """
            {"text": "one\ntwo", "meta": {"pile_set_name": "Books3"}}
            {"ids": [1, 2, 50256], "id": "mine"}
            {"id": 17, "text": ""}
            """);
        Assert.Equal(["a.jsonl:1", "mine", "17"], examples.Select(example => example.Id));
        Assert.Equal(["one\ntwo", null, ""], examples.Select(example => example.Text));
        Assert.Equal([1, 2, 50256], examples[1].Ids);
    }

    [Fact]
    public void A_text_file_has_an_example_a_line_and_blank_lines_have_none()
    {
        var examples = Read("a.txt", "\uFEFFThe cat\r\n\n  \n two \u2028 lines\nlast");
        Assert.Equal(
            [new("a.txt:1", "The cat", null), new("a.txt:4", " two \u2028 lines", null), new("a.txt:5", "last", null)],
            examples);
    }

    [Fact]
    public void Blank_lines_have_no_example_and_count()
    {
        var examples = Read("a.jsonl", "\n{\"text\": \"one\"}\r\n\r\n  \t \n{\"text\": \" \"}\n\n");
        Assert.Equal(["a.jsonl:2", "a.jsonl:5"], examples.Select(example => example.Id));
        Assert.Equal(["one", " "], examples.Select(example => example.Text));
        var path = _folder.Write("b.jsonl", "\n\n{\"ids\": [1]}\n\n{\"ids\": [2]}\nbroken");
        Assert.Equal(["b.jsonl:3", "b.jsonl:5"], ExampleFile.Read(path, limit: 2).Select(example => example.Id));
    }

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.txt")]
    public void A_Git_LFS_pointer_is_told_with_the_remedy(string name)
    {
        var error = Assert.Throws<DatasetException>(() => Read(
            name, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"));
        Assert.Contains($"{name}': expected the file itself, got a Git LFS pointer", error.Message);
        Assert.Contains("git lfs pull", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Any_row_survives_a_file_whatever_its_newline(string newline) =>
        Prop.ForAll(Unicode.Strings.Generator.ListOf().Where(list => list.Count > 0).ToArbitrary(), texts =>
            {
                var end = newline.Length == 0 ? "\n" : newline;
                var text = string.Join(end, texts.Select(row => JsonSerializer.Serialize(new { text = row })));
                var read = Read("p.jsonl", newline.Length == 0 ? text : text + end);
                Assert.Equal(texts, read.Select(example => example.Text));
            })
            .Holds(cases: 200);

    [Fact]
    public void Lines_longer_than_the_buffer_are_whole()
    {
        string[] texts = [new('a', 200_000), new('b', 65_535), new('c', 65_536), "d", new('e', 65_537)];
        Assert.Equal(texts, Read("long.txt", string.Join('\n', texts)).Select(example => example.Text));
    }

    [Theory]
    [InlineData("{\"text\": \"a\"}\n{\"text\": \"b", "line 2", "a well-formed JSON object", "'{\"text\": \"b'")]
    [InlineData("{\"text\": \"a\"}\n\n \t\r\n\u00A0\n{\"text\"", "line 5", "a well-formed JSON object")]
    [InlineData("{\"text\": \"a\"} {\"text\": \"b\"}", "line 1", "a well-formed JSON object")]
    [InlineData("plain text", "line 1", "a well-formed JSON object", "'plain text'")]
    [InlineData("[\"a\"]", "line 1", "a JSON object, got '[\"a\"]'")]
    [InlineData("null", "line 1", "a JSON object")]
    [InlineData("{}", "line 1", "either \"text\" or \"ids\", got neither")]
    [InlineData("{\"text\": \"a\", \"ids\": [1]}", "line 1", "got both")]
    [InlineData("{\"text\": 1}", "line 1", "\"text\" to be a string, got 1")]
    [InlineData("{\"text\": null}", "line 1", "\"text\" to be a string, got null")]
    [InlineData("{\"text\": \"\\ud800\"}", "line 1", "valid Unicode")]
    [InlineData("{\"\\ud800\": 1}", "line 1", "valid Unicode")]
    [InlineData("{\"text\": \"a\", \"text\": \"b\"}", "line 1", "a well-formed JSON object")]
    [InlineData("{\"ids\": 1}", "line 1", "a list of token ids, got 1")]
    [InlineData("{\"ids\": []}", "line 1", "a list of token ids, got []")]
    [InlineData("{\"ids\": [1, -1]}", "line 1", "whole numbers from 0, got -1")]
    [InlineData("{\"ids\": [1.5]}", "line 1", "got 1.5")]
    [InlineData("{\"ids\": [99999999999]}", "line 1", "got 99999999999")]
    [InlineData("{\"ids\": [\"1\"]}", "line 1", "got \"1\"")]
    [InlineData("{\"id\": [], \"text\": \"a\"}", "line 1", "\"id\" to be a string, got []")]
    [InlineData("", "at least one example, got none")]
    public void A_broken_row_is_told_with_its_line(string text, params string[] parts)
    {
        var error = Assert.Throws<DatasetException>(() => Read("broken.jsonl", text));
        Assert.All(parts.Append("broken.jsonl"), part => Assert.Contains(part, error.Message));
    }

    [Fact]
    public void A_long_broken_row_is_quoted_in_part()
    {
        var row = "{\"text\": \"" + new string('x', 100_000);
        var error = Assert.Throws<DatasetException>(() => Read("broken.jsonl", row));
        Assert.InRange(error.Message.Length, 100, 600);
    }

    [Theory]
    [InlineData("broken.jsonl")]
    [InlineData("broken.txt")]
    public void Bytes_that_are_no_UTF_8_are_told_with_their_line(string name)
    {
        var path = _folder.Write(name, [.. "{\"text\": \"a\"}\n{\"text\": \""u8, 0xC3, .. "\"}\n"u8]);
        var error = Assert.Throws<DatasetException>(() => ExampleFile.Read(path).ToList());
        Assert.Contains("line 2: expected UTF-8", error.Message);
    }

    [Theory]
    [InlineData("a.txt", "")]
    [InlineData("a.txt", " \n\n")]
    [InlineData("a.jsonl", "")]
    [InlineData("a.jsonl", "\uFEFF \r\n\t\n")]
    public void A_file_without_examples_is_told(string name, string text) =>
        Assert.Contains("at least one example, got none", Assert.Throws<DatasetException>(() => Read(name, text)).Message);

    [Fact]
    public void Other_files_are_refused_at_once()
    {
        var path = _folder.Write("a.csv", "a,b");
        Assert.Contains("'.csv'", Assert.Throws<DatasetException>(() => ExampleFile.Read(path)).Message);
        Assert.Contains("found none", Assert.Throws<DatasetException>(() => ExampleFile.Read(path + ".txt")).Message);
        Assert.Throws<DatasetException>(() => ExampleFile.Read(_folder.Write("b.txt", "a"), limit: 0));
    }

    [Fact]
    public void A_limit_reads_no_further()
    {
        var path = _folder.Write("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\"}\nbroken");
        Assert.Equal(["a", "b"], ExampleFile.Read(path, limit: 2).Select(example => example.Text));
        Assert.Throws<DatasetException>(() => ExampleFile.Read(path, limit: 3).ToList());
    }

    [Fact]
    public void Examples_come_before_the_file_has_been_read_through()
    {
        var path = _folder.Write("a.jsonl", "{\"text\": \"a\"}\nbroken");
        Assert.Equal("a", ExampleFile.Read(path).First().Text);
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_but_never_crashes()
    {
        var whole = Encoding.UTF8.GetBytes("{\"text\": \"a\\u00e9🙂\", \"id\": 3}\n{\"ids\": [1, 2]}\n");
        var damage = Gen.Zip(Gen.Choose(0, whole.Length - 1), Gen.Choose(0, 255));
        Prop.ForAll(damage.ToArbitrary(), input =>
            {
                byte[] damaged = [.. whole];
                damaged[input.Item1] = (byte)input.Item2;
                var path = _folder.Write("damaged.jsonl", damaged);
                try
                {
                    Assert.NotEmpty(ExampleFile.Read(path).ToList());
                }
                catch (DatasetException error)
                {
                    Assert.Contains("damaged.jsonl', line", error.Message);
                }
            })
            .Holds(cases: 2000);
    }

    private List<Example> Read(string name, string text) => [.. ExampleFile.Read(_folder.Write(name, text))];
}
