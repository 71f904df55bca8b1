using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Logitscope.Cli.Hub;

/// <summary>A file of a repository at one commit.</summary>
/// <param name="Name">Its name: no folder, nothing that leaves the folder it is downloaded to.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Hash"><c>sha256:</c> and the content's hash, or <c>git:</c> and the hash that git gives it as a blob.</param>
/// <exception cref="HubException">The name could escape, the size is negative, or the hash is none.</exception>
internal sealed partial record HubFile(string Name, long Size, string Hash)
{
    /// <inheritdoc cref="HubFile(string, long, string)" path="/param[@name='Name']"/>
    public string Name { get; } = PlainName().IsMatch(Name)
        ? Name
        : throw new HubException($"expected a plain file name from the hub, got '{Printable.Of(Name)}'");

    /// <inheritdoc cref="HubFile(string, long, string)" path="/param[@name='Size']"/>
    public long Size { get; } = Size >= 0 ? Size : throw new HubException($"{Name}: expected a size, got {Size}");

    /// <inheritdoc cref="HubFile(string, long, string)" path="/param[@name='Hash']"/>
    public string Hash { get; } = KnownHash().IsMatch(Hash)
        ? Hash
        : throw new HubException($"{Name}: expected a sha256 or git hash from the hub, got '{Printable.Of(Hash)}'");

    /// <summary>The hash of another file's bytes, of the same kind as <see cref="Hash"/>.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
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
