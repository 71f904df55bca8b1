using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Logitscope.Tests.Documents;

/// <summary>Runs C# as cells of one notebook, on the library of this process.</summary>
internal static class Script
{
    // What they print would be noise here, and a value at a cell's end is shown where somebody looks.
    private const string Before = """
        using System; using System.Collections.Generic; using System.Linq; using TorchSharp; using static TorchSharp.torch; using Logitscope;
        static class Console { public static void WriteLine(object what) => what.ToString(); }
        """;

    /// <summary>Each after those before it; fails with the first that does not run.</summary>
    /// <returns>What the last one ends in.</returns>
    public static async Task<object?> Run(IEnumerable<string> cells)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var state = await CSharpScript.RunAsync(
            Before,
            ScriptOptions.Default.AddReferences(typeof(LanguageModel).Assembly, typeof(TorchSharp.torch).Assembly, typeof(Enumerable).Assembly, typeof(List<>).Assembly),
            cancellationToken: cancellation);
        foreach (var cell in cells)
        {
            var code = string.Join('\n', cell.Split('\n').Where(line => !line.StartsWith("#r ", StringComparison.Ordinal)))
                .Replace("using var ", "var ", StringComparison.Ordinal); // a cell has no end at which to dispose
            try
            {
                state = await state.ContinueWithAsync(code, cancellationToken: cancellation);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                Assert.Fail($"{error.Message}\n{cell}");
            }
        }

        return state.ReturnValue;
    }
}
