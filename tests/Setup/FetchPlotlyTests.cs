using System.Runtime.Versioning;
using System.Security.Cryptography;
using Logitscope.Charts;

namespace Logitscope.Tests.Setup;

/// <summary>plotly.min.js is what the library expects, or it is not put in place.</summary>
[SupportedOSPlatform("linux")]
public sealed class FetchPlotlyTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public FetchPlotlyTests()
    {
        _sandbox.AddProgram("npm", "");
        _sandbox.AddProgram("tar", """
            mkdir "$4/package"
            printf 'another file' >"$4/package/plotly.min.js"
            """);
    }

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Another_file_of_that_version_is_refused_with_both_hashes_and_nothing_is_left()
    {
        var result = _sandbox.Run("eng/fetch-plotly.sh", ["artifacts/native"]);

        var got = Convert.ToBase64String(SHA384.HashData("another file"u8));
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.EndsWith($"expected {PlotlyLibrary.Integrity.Replace('-', ' ')}, got {got}\n", result.Error);
        Assert.Equal(["native"], _sandbox.Artifacts());
    }

    [Fact]
    public void The_file_with_the_expected_hash_is_put_in_place()
    {
        var got = Convert.ToBase64String(SHA384.HashData("another file"u8));
        _sandbox.Change("lib/Charts/PlotlyLibrary.cs", source => source.Replace(PlotlyLibrary.Integrity, $"sha384-{got}"));

        Assert.Equal(0, _sandbox.Run("eng/fetch-plotly.sh", ["artifacts/native"]).ExitCode);
        Assert.Equal(["native", "native/plotly.min.js"], _sandbox.Artifacts());
    }
}
