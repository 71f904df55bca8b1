using System.Text.RegularExpressions;

namespace Logitscope.Tests.Notebooks;

/// <summary>The examples: C# files that run by themselves.</summary>
[Collection(nameof(WorkbookRun))]
public sealed class ExampleTests(WorkbookRun run)
{
    [Fact]
    public async Task The_first_steps_as_a_file_print_what_the_notebooks_show()
    {
        var lens = run.Cells("00_setup.ipynb")[2].Shown.Single();
        var patched = run.Cells("02_patching_demos.ipynb")[2].Shown.Single();
        var first = await Engine.Run("dotnet", ["run", "--file", "examples/first.cs"], Repository.Root);

        Assert.True(first.Code == 0, first.Text);
        Assert.Equal($"{lens.TrimEnd()}\n{patched.TrimEnd()}", string.Join('\n', first.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    [Trait("Tier", "slow")]
    public async Task Plotly_NET_draws_the_curves_of_a_sweep_from_its_rows()
    {
        var example = await Engine.Run("dotnet", ["run", "--file", "examples/plotly_net.cs"], Repository.Root, run.Variables);

        Assert.SkipWhen(example.Text.Contains("NU1301", StringComparison.Ordinal), "Plotly.NET is not here and NuGet cannot be reached");
        Assert.True(example.Code == 0, example.Text);
        var page = await File.ReadAllTextAsync(Path.Combine(run.Results, "plotly_net.html"), TestContext.Current.CancellationToken);
        var methods = SweepSummary.Read(run.Sweep).Methods;
        Assert.Equal(methods.Keys.Order(), Regex.Matches(page, "\"name\":\"([^\"]*)\"").Select(name => name.Groups[1].Value).Order());
    }
}
