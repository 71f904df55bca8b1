using System.Runtime.Versioning;

namespace Logitscope.Tests.Setup;

/// <summary>What the set-up says where it cannot go on: one line that names what to install, and exit code 1.</summary>
[SupportedOSPlatform("linux")]
public sealed class SetupTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Without_dotnet_it_names_the_package() =>
        Assert.Equal(
            "error: there is no dotnet on the PATH: install .NET SDK 10, the package dotnet-sdk-10.0 "
            + "(https://dotnet.microsoft.com/download)",
            OnlyLine());

    [Fact]
    public void With_another_dotnet_it_names_that_one_too()
    {
        _sandbox.AddProgram("dotnet", """
            [[ $1 == --list-sdks ]] || exit 145
            printf '%s\n' '8.0.404 [/usr/share/dotnet/sdk]' '9.0.101 [/usr/share/dotnet/sdk]'
            """);
        Assert.StartsWith("error: dotnet has 8.0.404 9.0.101: install .NET SDK 10, the package dotnet-sdk-10.0", OnlyLine());
    }

    [Fact]
    public void With_a_runtime_alone_it_says_that_there_is_no_SDK()
    {
        _sandbox.AddProgram("dotnet", "[[ $1 == --list-sdks ]] || exit 145");
        Assert.StartsWith("error: dotnet has no SDK: install .NET SDK 10", OnlyLine());
    }

    [Fact]
    public void What_fails_to_build_is_told_with_the_errors()
    {
        _sandbox.AddProgram("dotnet", """
            [[ $1 != --version ]] || { echo 10.0.100; exit 0; }
            echo "lib/Deep.cs(1,2): error CS1002: ; expected"
            exit 1
            """);
        var result = _sandbox.Run("eng/setup.sh", []);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("lib/Deep.cs(1,2): error CS1002", result.Output, StringComparison.Ordinal);
        Assert.StartsWith("error: the whole log is ", result.Error);
    }

    [Fact]
    public void Packages_that_cannot_be_had_are_one_line()
    {
        _sandbox.AddProgram("dotnet", """
            [[ $1 != --version ]] || { echo 10.0.100; exit 0; }
            echo "error NU1301: Unable to load the service index"
            exit 1
            """);
        Assert.StartsWith("error: a NuGet package is missing here, and NuGet cannot be reached", _sandbox.Run("eng/setup.sh", []).Error);
    }

    [Theory]
    [InlineData("eng/setup.sh", 1)]
    [InlineData("run.sh", 2)]
    [InlineData("test.sh", 2)]
    public void An_unknown_option_is_answered_with_the_usage(string script, int exitCode)
    {
        var result = _sandbox.Run(script, ["--frobnicate"]);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.Contains("usage: ", Assert.Single(result.Error.TrimEnd('\n').Split('\n')));
    }

    private string OnlyLine()
    {
        var result = _sandbox.Run("eng/setup.sh", []);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        return Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
    }
}
