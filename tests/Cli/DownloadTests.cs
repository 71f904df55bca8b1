using System.Diagnostics;
using System.Security.Cryptography;
using Logitscope.Cli.Hub;
using Logitscope.Tests.Cli.Hub;

namespace Logitscope.Tests.Cli;

/// <summary><c>logitscope download</c> and <c>data pile</c> as a person runs them.</summary>
[Collection(nameof(Alone))]
public sealed class DownloadTests : IDisposable
{
    private const int Chunk = 16 << 20; // the default

    private readonly FakeHub _hub = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_model_goes_into_the_folder_that_its_name_gives()
    {
        var (code, output, error) = await EndAsync(Start("download", FakeHub.Id, "--revision", "refs/pr/4"));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("/revision/refs%2Fpr%2F4?", _hub.Requests[0].Path, StringComparison.Ordinal);
        Assert.Contains($"commit {FakeHub.Commit}", output, StringComparison.Ordinal);
        Assert.Contains("not needed: flax_model.msgpack, onnx/model.onnx", output, StringComparison.Ordinal);
        Assert.EndsWith("--model models/model-refs-pr-4\n", output, StringComparison.Ordinal);
        Assert.Equal(
            _hub.Files[FakeHub.Weights],
            await File.ReadAllBytesAsync(
                _folder.PathOf("models", "model-refs-pr-4", FakeHub.Weights), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_download_that_is_killed_goes_on_and_ends_with_the_same_bytes()
    {
        HoldBackAfterTwoChunks();
        using (var program = Start("download", FakeHub.Id, "--to", _folder.Path))
        {
            await UntilTwoChunksAreThereAsync();
            program.Kill();
            await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.False(File.Exists(_folder.PathOf(FakeHub.Weights)));
        var before = _hub.Ranges.Count();
        _hub.Mischief = _ => null;
        Assert.Equal(0, (await EndAsync(Start("download", FakeHub.Id, "--to", _folder.Path))).Code);
        Assert.Equal([2 * Chunk], _hub.Ranges.Skip(before).Select(range => (int)range.First));
        Assert.Equal(
            _hub.Files[FakeHub.Weights],
            await File.ReadAllBytesAsync(_folder.PathOf(FakeHub.Weights), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Ctrl_C_stops_within_a_second()
    {
        HoldBackAfterTwoChunks();
        using var program = Start("download", FakeHub.Id, "--to", _folder.Path);
        await UntilTwoChunksAreThereAsync();
        var watch = Stopwatch.StartNew();
        using (var kill = Process.Start("kill", ["-INT", $"{program.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var (code, _, error) = await EndAsync(program);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"took {watch.Elapsed}");
        Assert.Equal((130, "stopped; the same command goes on where it was\n"), (code, error));
    }

    [Fact]
    public async Task The_environments_proxy_is_used()
    {
        var (code, _, error) = await EndAsync(Start(
            ["download", FakeHub.Id, "--to", _folder.Path],
            ("HF_ENDPOINT", "http://hub.invalid"),
            ("HTTP_PROXY", _hub.Options.Endpoint.AbsoluteUri),
            ("NO_PROXY", "")));
        Assert.Equal(1, code);
        Assert.Contains("hub.invalid has no such repository", error, StringComparison.Ordinal);
        Assert.StartsWith("http://hub.invalid/api/models/", _hub.Requests[0].Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expected a repository like EleutherAI/gpt-j-6b", "download", "../../etc")]
    [InlineData("expected a repository like EleutherAI/gpt-j-6b", "download", "a/b/c")]
    [InlineData("expected a branch, tag or commit", "download", "a/b", "--revision", "../main")]
    [InlineData("Required argument 'repository' missing", "download")]
    [InlineData("unknown word '--resume'", "download", "a/b", "--resume")]
    [InlineData("holds no download of a/b", "download", "a/b", "--offline", "--to", "/no/such/folder")]
    [InlineData("--limit: expected at least 1, got 0", "data", "pile", "--limit", "0")]
    [InlineData("offline: /no/such/folder does not hold", "data", "pile", "--offline", "--to", "/no/such/folder")]
    public async Task Wrong_input_gets_one_line(string words, params string[] arguments) =>
        (await Outcome.Of(arguments)).FailedWith(words);

    [Fact]
    public async Task Help_lists_both()
    {
        Assert.Contains("download <repository>", (await Outcome.Of("--help")).Output, StringComparison.Ordinal);
        Assert.Contains("pile", (await Outcome.Of("data", "--help")).Output, StringComparison.Ordinal);
    }

    private void HoldBackAfterTwoChunks()
    {
        _hub.Files[FakeHub.Weights] = RandomNumberGenerator.GetBytes((2 * Chunk) + 1);
        _hub.Mischief = request => FakeHub.IsFor(request, FakeHub.Weights) && request.Range!.Value.First == 2 * Chunk
            ? new HostileAnswer(200) { Silent = true }
            : null;
    }

    private async Task UntilTwoChunksAreThereAsync()
    {
        var file = new HubFile(
            FakeHub.Weights,
            _hub.Files[FakeHub.Weights].Length,
            $"sha256:{Convert.ToHexStringLower(SHA256.HashData(_hub.Files[FakeHub.Weights]))}");
        while (PartFile.FinishedBytesOf(_folder.PathOf(FakeHub.Weights), FakeHub.Commit, file, Chunk) < 2 * Chunk)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private Process Start(params string[] arguments) =>
        Start(arguments, ("HF_ENDPOINT", _hub.Options.Endpoint.AbsoluteUri), ("NO_PROXY", "127.0.0.1"));

    private Process Start(string[] arguments, params (string Name, string Value)[] variables)
    {
        // Where the tests run in the background, the signal is ignored, and what they start would inherit that.
        var program = Path.Combine(AppContext.BaseDirectory, "logitscope");
        var start = new ProcessStartInfo("env", ["--default-signal=INT", program, .. arguments])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables.Append(("HF_HUB_OFFLINE", "")))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static async Task<(int Code, string Output, string Error)> EndAsync(Process program)
    {
        using (program)
        {
            var (output, error) = (program.StandardOutput.ReadToEndAsync(), program.StandardError.ReadToEndAsync());
            await program.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (program.ExitCode, await output, await error);
        }
    }
}
