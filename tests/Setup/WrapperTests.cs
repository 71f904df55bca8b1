using System.Runtime.Versioning;

namespace Logitscope.Tests.Setup;

/// <summary>The wrapper <c>./logitscope</c>: when it builds, and what it hands on.</summary>
[SupportedOSPlatform("linux")]
public sealed class WrapperTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public WrapperTests()
    {
        _sandbox.AddProgram("dotnet", """
            printf '%s|' "$PWD" "$@"
            exit 7
            """);
        _sandbox.ReplaceScript("eng/setup.sh", """
            echo "set up"
            mkdir -p "${0%/*}/../artifacts" && touch "${0%/*}/../artifacts/built"
            """);
        Directory.CreateDirectory(Path.Combine(_sandbox.Checkout, "lib", "Deep"));
        Source = Path.Combine(_sandbox.Checkout, "lib", "Deep", "Source.cs");
        File.WriteAllText(Source, "");
    }

    private string Source { get; }

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void The_folder_the_arguments_and_the_exit_code_are_the_callers_also_through_a_link()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_sandbox.Checkout, "else where")).FullName;
        File.CreateSymbolicLink(Path.Combine(elsewhere, "ls"), Path.Combine(_sandbox.Checkout, "logitscope"));

        var result = _sandbox.Run("else where/ls", ["run", "a b", ""], folder: elsewhere);

        var program = Path.Combine(_sandbox.Checkout, "artifacts", "cli", "logitscope.dll");
        Assert.Equal((7, $"{elsewhere}|{program}|run|a b||"), (result.ExitCode, result.Output));
    }

    [Fact]
    public void It_builds_once_and_out_of_the_way_of_the_output()
    {
        Assert.Equal("set up\n", _sandbox.Run("logitscope", []).Error);
        Assert.Equal("", _sandbox.Run("logitscope", []).Error);
    }

    [Fact]
    public void A_changed_source_builds_again()
    {
        _sandbox.Run("logitscope", []);
        File.SetLastWriteTimeUtc(Source, DateTime.UtcNow.AddSeconds(1));
        Assert.Equal("set up\n", _sandbox.Run("logitscope", []).Error);
    }

    [Fact]
    public void A_deleted_source_builds_again()
    {
        _sandbox.Run("logitscope", []);
        var minuteAgo = DateTime.UtcNow.AddMinutes(-1);
        File.SetLastWriteTimeUtc(Path.Combine(_sandbox.Checkout, "artifacts", "built"), minuteAgo);
        Directory.SetLastWriteTimeUtc(Path.Combine(_sandbox.Checkout, "lib"), minuteAgo);
        File.Delete(Source);
        Assert.Equal("set up\n", _sandbox.Run("logitscope", []).Error);
    }

    [Fact]
    public void A_set_up_that_fails_ends_it()
    {
        _sandbox.ReplaceScript("eng/setup.sh", "exit 1");
        var result = _sandbox.Run("logitscope", []);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
    }

    [Fact]
    public void Two_locked_commands_take_turns()
    {
        _sandbox.ReplaceScript("twice", """
            . "${0%/*}/eng/common.sh"
            slow() { echo begin; sleep 0.2; echo end; }
            locked slow & locked slow & wait
            """);
        var output = _sandbox.Run("twice", []).Output;
        Assert.Equal(["begin", "end", "begin", "end"], output.Split('\n').Where(line => line is "begin" or "end"));
    }
}
