using System.Text.Json;
using Logitscope.Tests.Documents;
using Logitscope.Tests.Notebooks;

namespace Logitscope.Tests.Setup;

/// <summary>The package of <c>dotnet pack</c>, from a feed that is a folder: in a console project of five lines, and in a notebook.</summary>
[Trait("Tier", "slow")]
public sealed class PackageTests : IAsyncLifetime
{
    private const string Id = "Logitscope.Lib";

    private readonly string _version = $"0.0.0-test{Guid.NewGuid():N}"; // never one that the package cache knows
    private readonly TemporaryFolder _folder = new();

    private string Feed => _folder.PathOf("feed");

    public async ValueTask InitializeAsync()
    {
        var packed = await Engine.Run(
            "dotnet",
            ["pack", "Logitscope.Lib.csproj", "-o", Feed, "-v", "q", "-nologo", $"-p:Version={_version}", $"-p:ArtifactsPath={_folder.PathOf("artifacts")}"],
            Repository.Root);
        Assert.True(packed.Code == 0, packed.Text);
        Assert.Equal([$"{Id}.{_version}.nupkg", $"{Id}.{_version}.snupkg"], Directory.EnumerateFiles(Feed).Select(Path.GetFileName).Order());
    }

    public ValueTask DisposeAsync()
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        if (Path.Combine(cache, Id.ToLowerInvariant(), _version) is var unpacked && Directory.Exists(unpacked))
        {
            Directory.Delete(unpacked, recursive: true);
        }

        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_console_project_of_five_lines_runs_the_embedded_model()
    {
        _folder.Write("app/nuget.config", $"""<configuration><packageSources><add key="own" value="{Feed}" /></packageSources></configuration>""");
        _folder.Write("app/app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
              <ItemGroup><PackageReference Include="{Id}" Version="{_version}" /></ItemGroup>
            </Project>
            """);
        _folder.Write("app/Program.cs", Document.Named("eng/package/README.md").Blocks.First(block => block.Language == "csharp").Content);
        var run = await Engine.Run("dotnet", ["run"], _folder.PathOf("app"));
        Assert.True(run.Code == 0, run.Text);

        using var model = LanguageModel.Load();
        const string text = "The capital of France is";
        var expected = model.LogitLens(text).ToText() + "\n" + new Patchscope(new Source(model, text, 5, ^1), new Target(model, "?", 5, ^1)).Run().ToText();
        Assert.Equal(expected.TrimEnd(), run.Output.TrimEnd());

        var output = _folder.PathOf("app", "bin", "Debug", "net10.0");
        Assert.True(File.Exists(Path.Combine(output, "plotly.min.js")));
        Assert.Equal(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll")), File.ReadAllBytes(Path.Combine(output, "TorchSharp.dll"))); // the one that keeps arguments alive
    }

    [Fact]
    public async Task A_notebook_refers_to_it_and_shows_a_picture()
    {
        Assert.Null(await Engine.Restore());
        var (notebook, executed) = (_folder.Write("package.ipynb", NotebookOf(
            $"#i \"nuget:{Feed}\"\n#r \"nuget: {Id}, {_version}\"",
            "using Logitscope;\nvar model = LanguageModel.Load();\nmodel.LogitLens(\"The capital of France is\")",
            "PlotlyLibrary.Find().Path")), _folder.PathOf("executed.ipynb"));
        var run = await Engine.Run("dotnet", ["repl", "--run", notebook, "--exit-after-run", "--output-path", executed, "--output-format", "ipynb"], Repository.Root);
        Assert.True(run.Code == 0, run.Text);

        var cells = CellResult.Of(executed);
        Assert.All(cells, cell => Assert.Empty(cell.Errors));
        Assert.Contains("<svg", cells[1].Html.Single(), StringComparison.Ordinal);
        Assert.Contains("␣Paris", cells[1].Html.Single(), StringComparison.Ordinal);
        Assert.EndsWith("plotly.min.js", cells[2].Shown.Single(), StringComparison.Ordinal);
    }

    private static string NotebookOf(params string[] cells) => JsonSerializer.Serialize(new
    {
        cells = cells.Select(source => new
        {
            cell_type = "code",
            execution_count = (int?)null,
            metadata = new { dotnet_interactive = new { language = "csharp" }, polyglot_notebook = new { kernelName = "csharp" } },
            outputs = Array.Empty<object>(),
            source,
        }),
        metadata = new { kernelspec = new { display_name = ".NET (C#)", language = "C#", name = ".net-csharp" }, language_info = new { name = "C#" } },
        nbformat = 4,
        nbformat_minor = 5,
    });
}
