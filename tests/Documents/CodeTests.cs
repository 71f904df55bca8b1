namespace Logitscope.Tests.Documents;

/// <summary>The C# of the documents runs: a document's blocks in order.</summary>
public sealed class CodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Documents => Document.With("csharp");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Documents))]
    public Task Every_block_runs_after_those_before_it(string name) => Script.Run(
        Document.Named(name).Blocks.Where(block => block.Language == "csharp").Select(block => block.Content
            .Replace("\"data/", $"\"{Repository.Root}/data/", StringComparison.Ordinal)
            .Replace("\"out/", $"\"{_folder.Path}/", StringComparison.Ordinal)));
}
