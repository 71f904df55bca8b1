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
    /// <exception cref="HubException">There is no such model, or the hub does not answer as a hub does.</exception>
    internal static async Task<HubRepository> ListAsync(
        HubClient client, HubOptions options, string id, string revision, CancellationToken cancellation)
    {
        Check(id, revision);
        var what = $"{id}@{revision}";
        var address = new Uri(
            $"{Root(options)}/api/models/{id}/revision/{Uri.EscapeDataString(revision)}?blobs=true");
        var (json, _) = await client.GetAsync(what, address, cancellation).ConfigureAwait(false);
        var commit = HubJson.Parse(what, json, root => root.GetProperty("sha").GetString() ?? string.Empty);
        if (!CommitSha().IsMatch(commit))
        {
            throw new HubException($"{what}: expected a commit from the hub, got '{Printable.Of(commit)}'");
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
                id, revision, commit, files, [.. names.Except(chosen).Order(StringComparer.Ordinal).Select(Printable.Of)])
            : throw new HubException($"{what}: expected each file once from the hub, got some twice");

        HubFile[] FilesOf(IReadOnlyCollection<string> wanted) => HubJson.Parse(
            what,
            json,
            root => Siblings(root).Where(sibling => wanted.Contains(NameOf(sibling))).Select(FileOf).ToArray());
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
