using System.Text;
using FsCheck.Fluent;
using Logitscope.Cli.Notebooks;

namespace Logitscope.Tests.Notebooks;

[Collection(OneAtATime.Name)]
public sealed class RefusalTests : IDisposable
{
    private readonly NotebookFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("# Notes", "not JSON")]
    [InlineData("{\"cells\": [], \"cells\": []}", "not JSON")]
    [InlineData("""{"cells": [], "metadata": {"a": "\ud800"}, "nbformat": 4}""", "not JSON")]
    [InlineData("[1, 2]", "not a notebook")]
    [InlineData("{\"cells\": {}, \"nbformat\": 4}", "not a notebook")]
    [InlineData("{\"cells\": [], \"nbformat\": \"4\"}", "not a notebook")]
    [InlineData("{\"cells\": [], \"nbformat\": 3}", "notebook format 3; expected 4")]
    [InlineData("{\"cells\": [], \"nbformat\": 4}", "its kernel is not named")]
    [InlineData(
        """{"cells": [], "nbformat": 4, "metadata": {"kernelspec": {"name": "python3"}}}""",
        "its kernel is 'python3'")]
    [InlineData(
        """{"cells": [7], "nbformat": 4, "metadata": {"kernelspec": {"name": ".net-csharp"}}}""",
        "cell 1 of 1")]
    [InlineData(
        """
        {"cells": [{"cell_type": "code", "source": [1]}], "nbformat": 4,
         "metadata": {"language_info": {"name": "C#"}}}
        """,
        "cell 1 of 1")]
    public async Task A_file_that_is_no_CSharp_notebook_is_refused_in_one_line(string text, string reason)
    {
        var path = _folder.AddText("bad.ipynb", text);
        var run = await _folder.RunAsync(path);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"{path}: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var run = await _folder.RunAsync("nowhere/none.ipynb");

        Assert.Equal((1, "nowhere/none.ipynb: no such file\n"), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("var a = 1;\n#!time\na", 2, "#!time")]
    [InlineData("  #!set --name x", 1, "#!set")]
    [InlineData("#!csharp\n#!fsharp", 2, "#!fsharp")]
    [InlineData("\n\n#r \"nuget: Newtonsoft.Json\"", 3, "#r \"nuget: Newtonsoft.Json\"")]
    [InlineData("#i \"nuget:/somewhere\"", 1, "#i \"nuget:/somewhere\"")]
    public async Task A_magic_that_only_another_engine_knows_is_refused_before_anything_runs(
        string source, int line, string magic)
    {
        var good = _folder.Add("good.ipynb", "1");
        var run = await _folder.RunAsync(good, _folder.Add("magic.ipynb", "1", source));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"cell [2] (c2), line {line}: '{magic}' ", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Out));
    }

    [Fact]
    public async Task A_cell_of_another_language_is_refused()
    {
        var text = """
            {"cells": [{"cell_type": "code", "source": "1",
                        "metadata": {"polyglot_notebook": {"kernelName": "fsharp"}}}],
             "nbformat": 4, "metadata": {"kernelspec": {"name": ".net-csharp"}}}
            """;
        var run = await _folder.RunAsync(_folder.AddText("mixed.ipynb", text));

        Assert.Contains("cell [1] (cell-1): its kernel is 'fsharp'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_that_would_overwrite_each_other_or_their_source_are_refused()
    {
        var first = _folder.Add("a/same.ipynb", "1");
        var second = _folder.Add("b/same.ipynb", "1");
        var inOut = _folder.Add("out/x.ipynb", "1");

        var twice = await _folder.RunAsync(first, second);
        var over = await _folder.RunAsync(inOut);
        Assert.Equal((1, 1), (twice.ExitCode, over.ExitCode));
        Assert.Equal("two notebooks are named same.ipynb; their results would be one file\n", twice.Error);
        Assert.Equal($"--out {_folder.Out} would overwrite x.ipynb; expected another one\n", over.Error);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named()
    {
        _folder.AddText("out", "a file where the folder should be");
        var run = await _folder.RunAsync(_folder.Add("one.ipynb", "1"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(_folder.Out, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_notebook_is_read_or_refused_but_never_crashes_the_reader()
    {
        var intact = File.ReadAllBytes(NotebookFolder.Fixture("succeed.ipynb"));
        var changes = Gen.Choose(0, intact.Length - 1).Two()
            .SelectMany(_ => Gen.Choose(0, 255), (place, value) => (place.Item1, place.Item2, (byte)value));
        Prop.ForAll(changes.ToArbitrary(), change =>
        {
            var (flip, cut, value) = change;
            var bytes = intact.ToArray();
            bytes[flip] = value;
            var damaged = value % 2 == 0 ? bytes : bytes[..cut];
            var path = _folder.AddText("damaged.ipynb", Encoding.Latin1.GetString(damaged));
            try
            {
                Assert.NotNull(NotebookReader.Read(path));
            }
            catch (NotebookException e)
            {
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
            }
        }).Holds();
    }
}
