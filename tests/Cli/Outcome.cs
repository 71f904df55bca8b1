using System.Text.Json;
using Logitscope.Cli;

namespace Logitscope.Tests.Cli;

/// <summary>What a command line answered.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Outcome(int Code, string Output, string Error)
{
    /// <summary>The answer in JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Runs a command line in this process.</summary>
    public static async Task<Outcome> Of(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, output, error);
        return new Outcome(code, output.ToString(), error.ToString());
    }

    /// <summary>It worked.</summary>
    public Outcome Succeeded()
    {
        Assert.True(Code == 0, $"expected exit code 0, got {Code}: {Error}");
        return this;
    }

    /// <summary>It failed with one line that says so.</summary>
    public void FailedWith(params string[] words)
    {
        Assert.Equal(1, Code);
        var line = Assert.Single(Error.TrimEnd('\n').Split('\n'));
        Assert.All(words, word => Assert.Contains(word, line, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
    }
}
