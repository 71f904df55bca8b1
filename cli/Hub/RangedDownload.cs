using System.Net;
using System.Net.Http.Headers;

namespace Logitscope.Cli.Hub;

/// <summary>
/// One file, fetched in ranges at the same time into a <see cref="PartFile"/>, and put in its place only when its size and hash
/// are those of the listing.
/// </summary>
internal sealed class RangedDownload(
    HubClient client, HubOptions options, Uri source, string commit, HubFile file, string path, Action<long> report)
{
    private const int BufferSize = 1 << 17;

    private long _received;

    /// <summary>Fetches what is missing.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        for (var restarts = 0; ; restarts++)
        {
            try
            {
                await FillAsync(cancellation).ConfigureAwait(false);
                var got = await file.HashOfAsync(PartFile.PathOf(path), cancellation).ConfigureAwait(false);
                if (got != file.Hash)
                {
                    throw new ChangedException($"expected {file.Hash}, got {got}");
                }

                File.Move(PartFile.PathOf(path), path);
                PartFile.Delete(path);
                return;
            }
            catch (ChangedException error)
            {
                PartFile.Delete(path);
                if (restarts == options.Restarts)
                {
                    throw new HubException($"{file.Name}: {error.Message}; fetched {restarts + 1} times", error);
                }
            }
        }
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        using var part = PartFile.Open(path, commit, file, options.ChunkBytes);
        _received = 0;
        Receive(part.FinishedBytes);
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Connections,
            CancellationToken = cancellation,
        };
        try
        {
            await Parallel.ForEachAsync(
                part.Missing(),
                parallel,
                async (chunk, token) =>
                {
                    await FetchAsync(part, chunk.Start, chunk.End, ranged: true, token).ConfigureAwait(false);
                    part.Finish(chunk);
                }).ConfigureAwait(false);
        }
        catch (RangesIgnoredException)
        {
            part.Forget();
            Receive(-Interlocked.Read(ref _received));
            await FetchAsync(part, 0, file.Size, ranged: false, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Fetches bytes [start, end). A further attempt at a range goes on where the last one broke off.</summary>
    private async Task FetchAsync(PartFile part, long start, long end, bool ranged, CancellationToken cancellation)
    {
        var at = start;
        var buffer = new byte[Math.Min(BufferSize, end - start)];
        await client.RetryAsync(
            file.Name,
            async token =>
            {
                if (!ranged)
                {
                    Receive(start - at);
                    at = start;
                }

                var range = ranged ? new RangeHeaderValue(at, end - 1) : null;
                using var answer = await client.OpenAsync(file.Name, source, range, part.ETag, token).ConfigureAwait(false);
                part.Claim(answer.ETag);
                Check(answer, at, end, ranged);
                while (at < end)
                {
                    var free = buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - at));
                    var length = await answer.ReadAsync(free, token).ConfigureAwait(false);
                    if (length == 0)
                    {
                        throw new TransientException($"ended after {at:N0} of {file.Size:N0} bytes");
                    }

                    await part.WriteAsync(at, free[..length], token).ConfigureAwait(false);
                    at += length;
                    Receive(length);
                }

                return at;
            },
            cancellation).ConfigureAwait(false);
    }

    private void Check(HubAnswer answer, long at, long end, bool ranged)
    {
        if (answer.Status == HttpStatusCode.OK)
        {
            if (ranged && (at > 0 || end < file.Size))
            {
                throw new RangesIgnoredException();
            }
        }
        else if (!ranged || answer.Headers.ContentRange is not { Unit: "bytes" } got
            || got.From != at || got.To != end - 1 || (got.HasLength && got.Length != file.Size))
        {
            throw new TransientException(
                $"expected bytes {at}-{end - 1} of {file.Size}, got '{answer.Headers.ContentRange}'");
        }

        if (answer.Headers.ContentLength is { } length && length != end - at)
        {
            throw new TransientException($"expected {end - at:N0} bytes, got {length:N0}");
        }
    }

    private void Receive(long length) => report(Interlocked.Add(ref _received, length));
}

/// <summary>The server sends the whole file where a part was asked for.</summary>
internal sealed class RangesIgnoredException() : Exception("the server ignores ranges");
