using System.Text;
using FsCheck.Fluent;
using Logitscope.Cli.Pages;

namespace Logitscope.Tests.Notebooks;

public sealed class ExecutedNotebookTests : IDisposable
{
    private readonly NotebookFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "not a notebook")]
    [InlineData("# Notes", "not a notebook")]
    [InlineData("[1, 2]", "not a notebook")]
    [InlineData("null", "not a notebook")]
    [InlineData("{\"cells\": {}, \"nbformat\": 4}", "not a notebook")]
    [InlineData("{\"cells\": [], \"nbformat\": \"4\"}", "not a notebook")]
    [InlineData("{\"cells\": [7], \"nbformat\": 4}", "not a notebook")]
    [InlineData("{\"cells\": [null], \"nbformat\": 4}", "not a notebook")]
    [InlineData("{\"cells\": [{\"cell_type\": \"code\"}], \"nbformat\": 4}", "not a notebook")]
    [InlineData("""{"cells": [{"cell_type": "code", "source": [1]}], "nbformat": 4}""", "not a notebook")]
    [InlineData("""{"cells": [{"cell_type": "code", "source": "\ud800"}], "nbformat": 4}""", "not a notebook")]
    [InlineData(
        """{"cells": [{"cell_type": "code", "source": "", "outputs": [{"output_type": "display_data"}]}], "nbformat": 4}""",
        "an output of type 'display_data' has no data")]
    [InlineData("{\"cells\": [], \"nbformat\": 3}", "expected notebook format 4, got 3")]
    public async Task A_file_that_is_no_notebook_is_refused_in_one_line(string text, string reason)
    {
        var path = _folder.AddText("bad.ipynb", text);
        var made = await _folder.PagesOf(path);

        made.FailedWith(reason);
        Assert.StartsWith($"logitscope: {path}: ", made.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_named() => (await _folder.PagesOf("nowhere/none.ipynb")).FailedWith("nowhere/none.ipynb: no such file");

    [Fact]
    public void Sources_and_outputs_are_text_or_lines_of_it()
    {
        var notebook = ExecutedNotebook.Read(_folder.AddText("lines.ipynb", """
            {"nbformat": 4, "cells": [
              {"cell_type": "markdown", "source": "# One"},
              {"cell_type": "code", "source": ["a\r\n", "b"], "outputs": [
                {"output_type": "execute_result", "data": {"text/plain": ["x\n", "y"], "text/html": "<b>"}},
                {"output_type": "display_data", "data": {"application/json": {"a": [1]}}},
                {"output_type": "stream", "name": "stderr", "text": ["told"]},
                {"output_type": "display_data", "data": {}}]},
              {"cell_type": "code", "source": ""}]}
            """));

        Assert.Equal(["markdown 0 # One", "code 1 a\nb", "code 2 "], notebook.Cells.Select(cell => $"{cell.Type} {cell.Number} {cell.Source}"));
        Assert.Equal(
            [new("text/html", "<b>"), new("application/json", """{"a": [1]}"""), new("stderr", "told")],
            notebook.Cells[1].Outputs);
    }

    [Fact]
    public void A_damaged_notebook_is_read_or_refused_but_never_crashes_the_reader()
    {
        var intact = File.ReadAllBytes(NotebookFolder.Fixture("kinds.ipynb"));
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
                var notebook = ExecutedNotebook.Read(path);
                Assert.NotEmpty(new NotebookPage(notebook, [notebook], plotly: null).Render());
            }
            catch (NotebookException e)
            {
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
            }
        }).Holds();
    }
}
