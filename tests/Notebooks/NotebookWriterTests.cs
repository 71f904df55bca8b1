namespace Logitscope.Tests.Notebooks;

[Collection(OneAtATime.Name)]
public sealed class NotebookWriterTests : IDisposable
{
    private readonly NotebookFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_executed_notebook_satisfies_Jupyters_schema_and_formatting()
    {
        var fixtures = Directory.GetFiles(NotebookFolder.Fixture(""), "*.ipynb");
        var odd = _folder.Add(
            "odd.ipynb",
            "\"😀 \\u2028 \\u0001 \\\\ \\\" \\t é\"",
            "Console.Write(\"\\r\\n\\u001b[31mred\");",
            "\"{\\\"b\\\": [1, 2.5, null], \\\"a\\\": {}}\".DisplayAs(\"application/json\");",
            "\"x\".DisplayAs(\"text/markdown\"); \"\".Display();",
            "");
        await _folder.RunAsync([.. fixtures, odd], keepGoing: true);

        var written = Directory.GetFiles(_folder.Out, "*.ipynb");
        Assert.Equal(fixtures.Length + 1, written.Length);
        Assert.Equal("", await NbformatSchema.ComplaintsAsync(written));
    }

    [Fact]
    public async Task The_validator_does_complain_about_a_notebook_that_is_wrong()
    {
        var path = _folder.AddText(
            "wrong.ipynb",
            """{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}""");

        Assert.Equal(2, (await NbformatSchema.ComplaintsAsync([path])).TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task What_the_author_wrote_is_kept()
    {
        var text = """
            {"cells": [
              {"cell_type": "markdown", "id": "m", "source": "![x](attachment:a.png)", "metadata": {"tags": ["t"]},
               "attachments": {"a.png": {"image/png": "iVBORw0KGgo="}}},
              {"cell_type": "raw", "id": "r", "source": ["raw ", "text"], "metadata": {"format": "text/plain"}},
              {"cell_type": "code", "id": "c", "source": "1",
               "metadata": {"vscode": {"languageId": "csharp"}, "n": 1.50},
               "outputs": [], "execution_count": null, "unknown": 1}],
             "metadata": {"kernelspec": {"name": ".net-csharp", "display_name": "C#"}, "extra": [null, true]},
             "nbformat": 4, "nbformat_minor": 5}
            """;
        var run = await _folder.RunAsync(_folder.AddText("kept.ipynb", text));

        var notebook = run.Notebook("kept.ipynb");
        var (markdown, raw, code) = (notebook["cells"]![0]!, notebook["cells"]![1]!, notebook["cells"]![2]!);
        Assert.Equal("""{"a.png":{"image/png":"iVBORw0KGgo="}}""", markdown["attachments"]!.ToJsonString());
        Assert.Equal("""{"tags":["t"]}""", markdown["metadata"]!.ToJsonString());
        Assert.Equal("""["raw text"]""", raw["source"]!.ToJsonString());
        Assert.Equal("""{"n":1.50,"vscode":{"languageId":"csharp"}}""", code["metadata"]!.ToJsonString());
        Assert.Null(code["unknown"]);
        Assert.Equal("[null,true]", notebook["metadata"]!["extra"]!.ToJsonString());
    }
}
