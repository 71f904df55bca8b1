using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Logitscope.Cli.Hub;

/// <summary>What is downloaded of a repository: some of its files, all of one commit.</summary>
/// <param name="Id">Owner and name: <c>EleutherAI/gpt-j-6b</c>.</param>
/// <param name="Revision">The branch, tag or commit asked for.</param>
/// <param name="Commit">The commit that it was when first asked for.</param>
/// <param name="Files">The files that a load needs.</param>
/// <param name="LeftOut">The names of the others.</param>
internal sealed partial record HubRepository(
    string Id, string Revision, string Commit, IReadOnlyList<HubFile> Files, IReadOnlyList<string> LeftOut)
{
    /// <summary>Bytes of all files.</summary>
    public decimal Size => Files.Sum(file => (decimal)file.Size);

    /// <summary>Where a file of it is.</summary>
    internal Uri AddressOf(HubFile file, HubOptions options) => Address(options, Id, Commit, file.Name);

    /// <summary>Asks the hub which commit a revision is, and which files it has.</summary>
    internal static async Task<HubRepository> ListAsync(
        HubClient client, HubOptions options, string id, string revision, CancellationToken cancellation)
    {
        Check(id, revision);
        var what = $"{id}@{revision}";
        var address = new Uri($"{Root(options)}/api/models/{id}/revision/{Uri.EscapeDataString(revision)}?blobs=true");
        var (json, _) = await client.GetAsync(what, address, cancellation).ConfigureAwait(false);
        var commit = HubJson.Parse(what, json, root => root.GetProperty("sha").GetString() ?? string.Empty);
        if (!CommitSha().IsMatch(commit))
        {
            throw new HubException($"{what}: expected a commit from the hub, got '{commit}'");
        }

        var names = HubJson.Parse(what, json, root => Siblings(root).Select(NameOf).ToHashSet());
        var chosen = FileChoice.Of(id, names);
        if (FileChoice.IsIndex(chosen[^1]))
        {
            var index = FilesOf([chosen[^1]])[0];
            var (content, _) = await client
                .GetAsync($"{id}: {index.Name}", Address(options, id, commit, index.Name), cancellation)
                .ConfigureAwait(false);
            using var stream = new MemoryStream(content);
            var got = await index.HashOfAsync(stream, cancellation).ConfigureAwait(false);
            chosen = got == index.Hash
                ? [.. chosen, .. FileChoice.Shards(id, index.Name, content, names)]
                : throw new HubException($"{id}: {index.Name}: expected {index.Hash}, got {got}");
        }

        var files = FilesOf(chosen);
        return files.Length == chosen.Count
            ? new HubRepository(
                id, revision, commit, files, [.. names.Except(chosen).Order(StringComparer.Ordinal).Select(OneLine.Of)])
            : throw new HubException($"{what}: expected each file once from the hub, got some twice");

        HubFile[] FilesOf(IReadOnlyCollection<string> wanted) => HubJson.Parse(
            what, json, root => Siblings(root).Where(sibling => wanted.Contains(NameOf(sibling))).Select(FileOf).ToArray());
    }

    private static JsonElement.ArrayEnumerator Siblings(JsonElement root) => root.GetProperty("siblings").EnumerateArray();

    private static string NameOf(JsonElement sibling) => sibling.GetProperty("rfilename").GetString() ?? string.Empty;

    private static HubFile FileOf(JsonElement sibling) =>
        sibling.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object
            ? new HubFile(NameOf(sibling), lfs.GetProperty("size").GetInt64(), $"sha256:{lfs.GetProperty("sha256").GetString()}")
            : new HubFile(NameOf(sibling), sibling.GetProperty("size").GetInt64(), $"git:{sibling.GetProperty("blobId").GetString()}");

    private static void Check(string id, string revision)
    {
        if (!RepositoryId().IsMatch(id))
        {
            throw new HubException($"expected a repository like EleutherAI/gpt-j-6b, got '{id}'");
        }

        if (!RevisionName().IsMatch(revision) || revision.Contains("..", StringComparison.Ordinal))
        {
            throw new HubException($"expected a branch, tag or commit, got '{revision}'");
        }
    }

    private static string Root(HubOptions options) => options.Endpoint.AbsoluteUri.TrimEnd('/');

    private static Uri Address(HubOptions options, string id, string commit, string name) =>
        new($"{Root(options)}/{id}/resolve/{commit}/{Uri.EscapeDataString(name)}");

    [GeneratedRegex(@"\A([A-Za-z0-9][A-Za-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex RepositoryId();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/-]*\z")]
    private static partial Regex RevisionName();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex CommitSha();
}

/// <summary>A file of a repository at one commit.</summary>
/// <param name="Name">Its name: no folder, nothing that leaves the folder it is downloaded to.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Hash"><c>sha256:</c> and the content's hash, or <c>git:</c> and the hash that git gives it as a blob.</param>
internal sealed partial record HubFile(string Name, long Size, string Hash)
{
    public string Name { get; } = PlainName().IsMatch(Name)
        ? Name
        : throw new HubException($"expected a plain file name from the hub, got '{Name}'");

    public long Size { get; } = Size >= 0 ? Size : throw new HubException($"{Name}: expected a size, got {Size}");

    public string Hash { get; } = KnownHash().IsMatch(Hash)
        ? Hash
        : throw new HubException($"{Name}: expected a sha256 or git hash from the hub, got '{Hash}'");

    /// <summary>The hash of another file's bytes, of the same kind as <see cref="Hash"/>.</summary>
    internal async Task<string> HashOfAsync(string path, CancellationToken cancellation)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        await using (stream.ConfigureAwait(false))
        {
            return await HashOfAsync(stream, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The hash of a stream from its beginning, of the same kind as <see cref="Hash"/>.</summary>
    internal async Task<string> HashOfAsync(Stream stream, CancellationToken cancellation)
    {
        var isGit = Hash.StartsWith("git:", StringComparison.Ordinal);
        using var hash = IncrementalHash.CreateHash(isGit ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        if (isGit)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {stream.Length}\0"));
        }

        var buffer = new byte[1 << 20];
        int length;
        while ((length = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, length));
        }

        return $"{(isGit ? "git" : "sha256")}:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,199}\z")]
    private static partial Regex PlainName();

    [GeneratedRegex(@"\A(sha256:[0-9a-f]{64}|git:[0-9a-f]{40})\z")]
    private static partial Regex KnownHash();
}
