using System.Text.Json.Nodes;

namespace Logitscope.Tests.Notebooks;

public sealed class PortableSubsetTests : IDisposable
{
    private readonly NotebookFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Our_notebooks_stay_inside_the_portable_subset() => Assert.Empty(
        from notebook in WorkbookRun.Notebooks
        from complaint in PortableSubset.Complaints(notebook)
        select $"{Path.GetFileName(notebook)}: {complaint}");

    [Fact]
    public void A_cell_that_does_not_name_its_kernel_is_found()
    {
        var notebook = JsonNode.Parse(File.ReadAllText(NotebookFolder.Fixture("kinds.ipynb")))!;
        notebook["cells"]![1]!["metadata"] = new JsonObject();
        Assert.Equal(
            ["cell 2: cell metadata does not name the csharp kernel twice"],
            PortableSubset.Complaints(_folder.AddText("lint.ipynb", notebook.ToJsonString())));
    }

    [Fact]
    public void A_good_fixture_has_nothing_to_complain_about() =>
        Assert.Empty(PortableSubset.Complaints(NotebookFolder.Fixture("kinds.ipynb")));

    [Fact]
    public void Markdown_that_dotnet_repl_would_run_is_found_and_harmless_lines_are_not() => Assert.Equal(
        [
            "cell 1: markdown line that dotnet-repl runs: #!time",
            "cell 1: markdown line that dotnet-repl runs: #r \"nuget: Newtonsoft.Json\"",
            "cell 1: markdown line that dotnet-repl runs: #i \"nuget:feed\"",
        ],
        PortableSubset.Complaints(NotebookFolder.Fixture("traps.ipynb")));

    [Fact]
    public void An_old_notebook_with_outputs_and_without_ids_is_found() => Assert.Equal(
        ["nbformat is not 4.5", "a cell has no id, or two cells share one", "cell 3: outputs are committed"],
        PortableSubset.Complaints(NotebookFolder.Fixture("missing-ids.ipynb")));

    [Theory]
    [InlineData("#!time\n1", "magic #!time")]
    [InlineData("#r \"nuget: X\"", "magic #r \"nuget: X\"")]
    [InlineData("var p = \"/home/me/model\";", "absolute path /home/me/model\";")]
    [InlineData("var p = @\"C:\\models\";", "absolute path C:\\models\";")]
    [InlineData("Javascript(\"1\");", "Javascript needs a front end")]
    [InlineData("var d = display(1);", "the final engine cannot update display(1); use KernelInvocationContext")]
    [InlineData("1.Display().Update(2);", "the final engine cannot update 1.Display(); use Kernel")]
    [InlineData("static class E { extension(string s) { public int Twice() => 2; } }", "C# 13 does not allow: ")]
    public void A_cell_outside_the_subset_is_found(string source, string complaint) =>
        Assert.StartsWith($"cell 2: {complaint}", ComplaintsOf("1", source).First(), StringComparison.Ordinal);

    [Theory]
    [InlineData("var d = Microsoft.DotNet.Interactive.KernelInvocationContext.Current.Display(1);\nd.Update(2);")]
    [InlineData("display(1); 2.Display(); // see https://example.org/home/page and and/or")]
    public void A_cell_inside_the_subset_passes(string source) => Assert.Empty(ComplaintsOf("1", source));

    [Fact]
    public void A_reference_belongs_in_the_first_code_cell()
    {
        Assert.Empty(ComplaintsOf("#r \"../lib/X.dll\"", "1"));
        Assert.Equal(["cell 2: #r outside the first code cell"], ComplaintsOf("1", "#r \"../lib/X.dll\""));
        Assert.Equal(["cell 1: more than one #r"], ComplaintsOf("#r \"X.dll\"\n#r \"Y.dll\""));
    }

    /// <summary>A notebook with the right metadata around code cells.</summary>
    private IEnumerable<string> ComplaintsOf(params string[] sources)
    {
        var notebook = JsonNode.Parse(File.ReadAllText(NotebookFolder.Fixture("kinds.ipynb")))!;
        var model = notebook["cells"]!.AsArray().First(cell => (string?)cell!["cell_type"] == "code")!;
        notebook["cells"] = new JsonArray([.. sources.Select((source, index) =>
        {
            var cell = model.DeepClone();
            cell["id"] = $"c{index}";
            cell["source"] = source;
            return cell;
        })]);
        return PortableSubset.Complaints(_folder.AddText("lint.ipynb", notebook.ToJsonString()));
    }
}
