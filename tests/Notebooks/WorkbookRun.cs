using System.Collections.Concurrent;

namespace Logitscope.Tests.Notebooks;

/// <summary>One run of every notebook of the checkout on dotnet-repl, on 12 prompts, for all tests that look at it.</summary>
public sealed class WorkbookRun : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, int> _codes = new();
    private string? _missing;

    /// <summary>The notebooks, in their order.</summary>
    public static string[] Notebooks =>
        [.. Directory.EnumerateFiles(Repository.File("notebooks"), "*.ipynb").Order(StringComparer.Ordinal)];

    /// <summary>What a notebook is told by the environment.</summary>
    public (string Name, string Value)[] Variables => VariablesFor(Results);

    /// <summary>Where the notebooks put their results.</summary>
    public string Results => _folder.PathOf("results");

    /// <summary>The folder of the sweep that 03 ran.</summary>
    public string Sweep => Assert.Single(Directory.GetDirectories(Path.Combine(Results, "sweeps")));

    /// <summary>The same with another folder for results.</summary>
    public static (string Name, string Value)[] VariablesFor(string results) =>
        [("LOGITSCOPE_LIMIT", "12"), ("LOGITSCOPE_OUT", results)];

    /// <summary>The executed notebook, and the exit code that dotnet-repl ended with.</summary>
    public (string Path, int Code) Executed(string name)
    {
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return (_folder.PathOf(name), _codes[name]);
    }

    /// <summary>What its code cells put out.</summary>
    public CellResult[] Cells(string name) => CellResult.Of(Executed(name).Path);

    public async ValueTask InitializeAsync()
    {
        _missing = File.Exists(Repository.File("artifacts", "lib", "Logitscope.Lib.dll"))
            ? await Engine.Restore()
            : "eng/setup.sh has not built the library";
        if (_missing is not null)
        {
            return;
        }

        // 04 reads what 03 wrote; the others need nothing of each other.
        var paths = Notebooks.Append(Repository.File("tests", "Notebooks", "Fixtures", "kinds.ipynb")).ToArray();
        var chains = paths.GroupBy(path => Path.GetFileName(path)[..2] is "03" or "04" ? "sweep" : path)
            .OrderByDescending(chain => chain.Count());
        await Parallel.ForEachAsync(chains, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (chain, _) =>
        {
            foreach (var path in chain)
            {
                var name = Path.GetFileName(path);
                _codes[name] = await Engine.DotnetRepl(path, _folder.PathOf(name), Variables);
            }
        });
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>The tests that share one run.</summary>
[CollectionDefinition(nameof(WorkbookRun))]
public sealed class SharedWorkbookRun : ICollectionFixture<WorkbookRun>;
