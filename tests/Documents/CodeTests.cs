using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Logitscope.Tests.Documents;

/// <summary>The C# of the documents runs: a document's blocks in order, as cells of one notebook.</summary>
public sealed class CodeTests : IDisposable
{
    // What they print would be noise here, and a value at a block's end is shown where somebody looks.
    private const string Before = """
        using System; using System.Collections.Generic; using System.Linq; using TorchSharp; using static TorchSharp.torch; using Logitscope;
        static class Console { public static void WriteLine(object what) => what.ToString(); }
        """;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Documents => Document.With("csharp");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_block_runs_after_those_before_it(string name)
    {
        var state = await CSharpScript.RunAsync(
            Before,
            ScriptOptions.Default.AddReferences(typeof(LanguageModel).Assembly, typeof(TorchSharp.torch).Assembly, typeof(Enumerable).Assembly, typeof(List<>).Assembly),
            cancellationToken: TestContext.Current.CancellationToken);
        foreach (var block in Document.Named(name).Blocks.Where(block => block.Language == "csharp"))
        {
            var code = string.Join('\n', block.Content.Split('\n').Where(line => !line.StartsWith("#r ", StringComparison.Ordinal)))
                .Replace("using var ", "var ", StringComparison.Ordinal) // a cell has no end at which to dispose
                .Replace("\"data/", $"\"{Repository.Root}/data/", StringComparison.Ordinal)
                .Replace("\"out/", $"\"{_folder.Path}/", StringComparison.Ordinal);
            try
            {
                state = await state.ContinueWithAsync(code, cancellationToken: TestContext.Current.CancellationToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                Assert.Fail($"{name}: {error.Message}\n{block.Content}");
            }
        }
    }
}
