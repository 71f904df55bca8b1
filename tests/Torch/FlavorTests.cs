using System.Diagnostics;
using System.Text.Json;

namespace Logitscope.Tests.Torch;

/// <summary>Which packages <c>-p:TorchFlavor</c> stands for; the CUDA one is on no registry that the tests reach.</summary>
public class FlavorTests
{
    [Theory]
    [InlineData(null, "TorchSharp", "libtorch-cpu-")]
    [InlineData("cpu", "TorchSharp", "libtorch-cpu-")]
    [InlineData("cuda-linux", "TorchSharp-cuda-linux", null)]
    public void The_project_evaluates_to_the_packages_of_the_flavor(string? flavor, string package, string? libtorch)
    {
        var packages = Evaluate(flavor);
        Assert.Equal("0.107.0", packages[package]);
        Assert.Equal(libtorch is null ? [] : ["2.10.0"], packages.Where(pair => pair.Key.StartsWith("libtorch", StringComparison.Ordinal)).Select(pair => pair.Value));
        Assert.Equal(libtorch is not null, packages.ContainsKey("TorchSharp"));
    }

    // The references of the project with their versions of Directory.Packages.props.
    private static Dictionary<string, string> Evaluate(string? flavor)
    {
        string[] items = ["-getItem:PackageReference", "-getItem:PackageVersion", "-nologo"];
        var project = Repository.File("Logitscope.Lib.csproj");
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, .. items, .. flavor is null ? Array.Empty<string>() : [$"-p:TorchFlavor={flavor}"]])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var answer = JsonDocument.Parse(process.StandardOutput.ReadToEnd()).RootElement.GetProperty("Items");
        process.WaitForExit();
        var versions = answer.GetProperty("PackageVersion").EnumerateArray()
            .ToDictionary(item => item.GetProperty("Identity").GetString()!, item => item.GetProperty("Version").GetString()!);
        return answer.GetProperty("PackageReference").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)
            .Where(versions.ContainsKey)
            .ToDictionary(name => name, name => versions[name]);
    }
}
