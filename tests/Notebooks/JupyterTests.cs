namespace Logitscope.Tests.Notebooks;

/// <summary>Jupyter, with the .NET kernel of dotnet-interactive, shows in every notebook what dotnet-repl shows.</summary>
[Collection(nameof(WorkbookRun))]
[Trait("Tier", "slow")]
public sealed class JupyterTests(WorkbookRun run) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_notebook_gives_the_same_results()
    {
        var ours = WorkbookRun.Notebooks.Select(path => run.Cells(Path.GetFileName(path))).ToArray();
        await RunAll();

        foreach (var (index, path) in WorkbookRun.Notebooks.Index())
        {
            var name = Path.GetFileName(path);
            var theirs = CellResult.Of(_folder.PathOf(name));
            Assert.Equal(ours[index].Length, theirs.Length);
            foreach (var (number, cell) in theirs.Index())
            {
                Assert.Equal(Lasting(name, number, ours[index][number]), Lasting(name, number, cell));
            }
        }
    }

    /// <summary>All that a cell put out, without the lines that tell of time and memory and the kernel's own script.</summary>
    private static string[] Lasting(string name, int cell, CellResult result)
    {
        string[] passing = (name, cell) switch
        {
            ("00_setup.ipynb", 1) => ["matrix products", "memory"],
            ("03_layer_sweep.ipynb", 1) => ["cells: about"],
            ("03_layer_sweep.ipynb", 2) => [" cells"],
            _ => [],
        };
        var html = passing.Length > 0 ? [] : result.Html.Where(text => !text.Contains("dotnet-interactive-this-cell"));
        return
        [
            .. result.Shown.Append(result.Console).SelectMany(text => text.Split('\n')).Concat(html).Concat(result.Errors)
                .Where(line => line.Length > 0 && !Array.Exists(passing, line.Contains)),
        ];
    }

    private async Task RunAll()
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "jupyter-nbconvert"))),
            "no jupyter-nbconvert: on Debian, apt-get install jupyter-nbconvert jupyter-client python3-ipykernel");

        // All that Jupyter reads or writes of its own lies in a folder of the test, not in the home of the user.
        var kernels = Directory.CreateDirectory(_folder.PathOf("jupyter", "kernels")).FullName;
        (string, string)[] variables =
        [
            .. WorkbookRun.VariablesFor(_folder.PathOf("results")),
            ("JUPYTER_PATH", _folder.PathOf("jupyter")), ("JUPYTER_DATA_DIR", _folder.PathOf("data")),
            ("JUPYTER_CONFIG_DIR", _folder.PathOf("config")), ("JUPYTER_RUNTIME_DIR", _folder.PathOf("runtime")),
            ("IPYTHONDIR", _folder.PathOf("ipython")),
        ];
        var installed = await Engine.Run(
            "dotnet", ["interactive", "jupyter", "install", "--path", kernels], Repository.Root, variables);
        Assert.True(installed.Code == 0, installed.Text);
        var executed = await Engine.Run(
            "jupyter-nbconvert",
            [
                "--to", "notebook", "--execute", "--ExecutePreprocessor.startup_timeout=300", "--output-dir", _folder.Path,
                .. WorkbookRun.Notebooks,
            ],
            Repository.File("notebooks"),
            variables);
        Assert.True(executed.Code == 0, executed.Text);
    }
}
