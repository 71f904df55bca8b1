using System.Diagnostics;

namespace Logitscope.Tests.Notebooks;

/// <summary>Jupyter's own validator (python3-nbformat), without the silent repairs of nbformat.read.</summary>
internal static class NbformatSchema
{
    private const string Python = "/usr/bin/python3";

    private const string Script = """
        import json, sys
        try:
            from nbformat.validator import get_validator
        except ImportError:
            sys.exit(77)
        for path in sys.argv[1:]:
            text = open(path, encoding="utf-8").read()
            notebook = json.loads(text)
            for error in get_validator(4, 5).iter_errors(notebook):
                print(path, error.message)
            if text != json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n":
                print(path, "is not formatted as Jupyter formats it")
        """;

    /// <summary>What is wrong with the files, a line each; the test is skipped where the validator is absent.</summary>
    public static async Task<string> ComplaintsAsync(IEnumerable<string> paths)
    {
        Assert.SkipUnless(File.Exists(Python), $"{Python} is not on this machine");
        using var python = Process.Start(new ProcessStartInfo(Python, ["-c", Script, .. paths])
        {
            RedirectStandardOutput = true,
        })!;
        var complaints = await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(python.ExitCode == 77, "python3-nbformat is not installed");
        Assert.Equal(0, python.ExitCode);
        return complaints;
    }
}

public sealed class NbformatSchemaTests
{
    [Fact]
    public async Task Our_notebooks_satisfy_Jupyters_schema_and_formatting() =>
        Assert.Equal("", await NbformatSchema.ComplaintsAsync([.. WorkbookRun.Notebooks, NotebookFolder.Fixture("kinds.ipynb")]));

    [Fact]
    public async Task The_validator_does_complain_about_a_notebook_that_is_wrong()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(
            "wrong.ipynb", """{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}""");
        Assert.Equal(2, (await NbformatSchema.ComplaintsAsync([path])).TrimEnd().Split('\n').Length);
    }
}
