using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Logitscope.Cli.Hub;

namespace Logitscope.Tests.Cli.Hub;

/// <summary>A hub with one repository, which behaves well until a test makes it do something else.</summary>
internal sealed class FakeHub : IDisposable
{
    public const string Id = "someone/model";
    public const string Weights = "pytorch_model.bin";
    public const int ChunkBytes = 1000;

    public static readonly string Commit = new('a', 40);

    private readonly HostileServer _server;

    public FakeHub()
    {
        _server = new HostileServer(request => Mischief(request) ?? Answer(request));
        Files["config.json"] = "{\"model_type\": \"gptj\"}"u8.ToArray();
        Files["tokenizer.json"] = "{}"u8.ToArray();
        Files[Weights] = RandomNumberGenerator.GetBytes((7 * ChunkBytes) + 123);
        Files["flax_model.msgpack"] = [1, 2, 3];
        Files["onnx/model.onnx"] = [4, 5];
        Options = new HubOptions
        {
            Endpoint = _server.Address,
            DatasetsServer = _server.Address,
            ChunkBytes = ChunkBytes,
            Connections = 3,
            Attempts = 4,
            FirstDelay = TimeSpan.FromMilliseconds(2),
            LongestDelay = TimeSpan.FromSeconds(2),
            IdleTimeout = TimeSpan.FromSeconds(10),
        };
    }

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Answers in the hub's place where it returns something.</summary>
    public Func<HostileRequest, HostileAnswer?> Mischief { get; set; } = _ => null;

    public HubOptions Options { get; set; }

    public IReadOnlyList<HostileRequest> Requests => [.. _server.Requests];

    /// <summary>The ranges of the weights that were asked for.</summary>
    public IEnumerable<(long First, long Last)> Ranges =>
        Requests.Where(request => IsFor(request, Weights)).Select(request => request.Range!.Value);

    public static bool IsFor(HostileRequest request, string file) =>
        request.Path == $"/{Id}/resolve/{Commit}/{file}";

    public static bool IsListing(HostileRequest request) => request.Path.StartsWith("/api/", StringComparison.Ordinal);

    public Task<HubRepository> DownloadAsync(TemporaryFolder folder, string revision = "main") =>
        HubDownload.RunAsync(Id, revision, folder.Path, Options, null, TestContext.Current.CancellationToken);

    /// <summary>The download fails in one line.</summary>
    public async Task<string> FailAsync(TemporaryFolder folder)
    {
        var error = await Assert.ThrowsAsync<HubException>(() => DownloadAsync(folder));
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }

    /// <summary>What a hub answers: the listing, a file, or a range of it.</summary>
    public HostileAnswer Answer(HostileRequest request)
    {
        if (IsListing(request))
        {
            return new HostileAnswer(200, Listing());
        }

        var name = Files.Keys.SingleOrDefault(name => IsFor(request, name));
        return name is null ? new HostileAnswer(404) : Slice(Files[name], request).With("ETag", ETag(Files[name]));
    }

    public static HostileAnswer Slice(byte[] content, HostileRequest request) => request.Range is var (first, last)
        ? new HostileAnswer(206, content[(int)first..(int)(last + 1)])
            .With("Content-Range", $"bytes {first}-{last}/{content.Length}")
        : new HostileAnswer(200, content);

    public static string ETag(byte[] content) => $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"";

    /// <summary>The folder holds what the repository does.</summary>
    public void AssertComplete(TemporaryFolder folder, params string[] files)
    {
        foreach (var name in files)
        {
            Assert.Equal(Files[name], File.ReadAllBytes(folder.PathOf(name)));
        }

        Assert.Equal(
            [.. files, "download.json"],
            Directory.EnumerateFiles(folder.Path).Select(path => Path.GetFileName(path)!).ToHashSet());
    }

    public void Dispose() => _server.Dispose();

    private string Listing() => JsonSerializer.Serialize(new
    {
        sha = Commit,
        siblings = Files.Select(file => Path.GetExtension(file.Key) is ".bin" or ".safetensors"
            ? (object)new
            {
                rfilename = file.Key,
                size = file.Value.Length,
                lfs = new { size = file.Value.Length, sha256 = Convert.ToHexStringLower(SHA256.HashData(file.Value)) },
            }
            : new { rfilename = file.Key, size = file.Value.Length, blobId = GitHash(file.Value) }),
    });

    private static string GitHash(byte[] content) => Convert.ToHexStringLower(
        CryptographicOperations.HashData(
        HashAlgorithmName.SHA1, [.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
}
