using System.Security.Cryptography;
using System.Text.Json;

namespace Logitscope.Cli.Hub;

/// <summary>
/// The reference's documents: the first rows of the deduplicated Pile, in order, as lines of <c>{"id", "text"}</c>.
/// Pages that have come are kept in <c>NAME.part</c> until all are there. A cut text is asked for again on its own, and
/// left out where it comes cut again: its beginning could pass for a short document.
/// </summary>
internal static class PileRows
{
    /// <summary>The data set.</summary>
    public const string Dataset = "EleutherAI/the_pile_deduplicated";

    private const string Split = "train";
    private const int PageLength = 100; // the most that the server gives

    /// <summary>Fetches the first documents, or goes on with it, or finds that all are there.</summary>
    public static async Task<(string Path, PileDocuments Documents)> RunAsync(
        int count,
        string folder,
        HubOptions options,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var file = Path.Combine(folder, $"first-{count}.jsonl");
        var facts = Path.ChangeExtension(file, ".json");
        if (File.Exists(facts))
        {
            return (file, Complete(file, facts, count));
        }

        if (options.Offline)
        {
            throw new HubException($"offline: {folder} does not hold the first {count} documents of {Dataset}");
        }

        using var _ = FolderLock.Take(folder);
        var meter = new DownloadMeter(count, progress);
        using var client = new HubClient(options, meter.Note);
        var pages = await FetchAsync(client, options, file + ".part", count, meter, cancellation).ConfigureAwait(false);
        var texts = pages.SelectMany(page => page.Texts).Take(count).ToArray();
        var sha256 = Write(file, texts);
        var documents = new PileDocuments(
            Dataset,
            Split,
            pages[0].Revision,
            Offset: 0,
            Rows: count,
            Documents: texts.Count(text => text is not null),
            LeftOut: [.. texts.Index().Where(row => row.Item is null).Select(row => row.Index)],
            sha256,
            DateTimeOffset.UtcNow);
        AtomicFile.Write(facts, HubJson.Indented(documents));
        File.Delete(file + ".part");
        return (file, documents);
    }

    private static PileDocuments Complete(string file, string facts, int count)
    {
        var documents = HubJson.TryReadFile<PileDocuments>(facts);
        var isWhole = documents?.Dataset == Dataset && documents.Rows == count && File.Exists(file)
            && Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))) == documents.Sha256;
        return isWhole
            ? documents!
            : throw new HubException($"{file}: expected the documents that {facts} tells of, got others; remove both");
    }

    private static async Task<IReadOnlyList<PilePage>> FetchAsync(
        HubClient client, HubOptions options, string path, int count, DownloadMeter meter, CancellationToken cancellation)
    {
        var part = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        await using (part.ConfigureAwait(false))
        {
            var pages = KeepWholePages(part);
            meter.Report(path, pages.Sum(page => (long)page.Texts.Count));
            for (var offset = pages.Count * PageLength; offset < count; offset += PageLength)
            {
                var page = await PageAsync(client, options, offset, Math.Min(PageLength, count - offset), cancellation)
                    .ConfigureAwait(false);
                if (pages.Count > 0 && pages[0].Revision != page.Revision)
                {
                    part.SetLength(0);
                    throw new HubException(
                        $"{Dataset}: changed from {pages[0].Revision} to {page.Revision} on the way; run again to begin anew");
                }

                part.Write(HubJson.Line(page));
                part.Flush(flushToDisk: true);
                pages.Add(page);
                meter.Report(path, offset + page.Texts.Count);
            }

            return pages;
        }
    }

    /// <summary>The pages of an earlier run, up to where it was killed.</summary>
    private static List<PilePage> KeepWholePages(FileStream part)
    {
        var bytes = new byte[part.Length];
        part.ReadExactly(bytes);
        var pages = new List<PilePage>();
        var start = 0;
        int end;
        while ((end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0
            && HubJson.TryRead<PilePage>(bytes.AsSpan(start..end)) is { } page
            && page.Offset == pages.Count * PageLength)
        {
            pages.Add(page);
            start = end + 1;
        }

        part.SetLength(start);
        part.Position = start;
        return pages;
    }

    private static async Task<PilePage> PageAsync(
        HubClient client, HubOptions options, int offset, int length, CancellationToken cancellation)
    {
        var what = $"{Dataset}, rows from {offset}";
        var address = new Uri(
            $"{options.DatasetsServer.AbsoluteUri.TrimEnd('/')}/rows?dataset={Uri.EscapeDataString(Dataset)}"
            + $"&config=default&split={Split}&offset={offset}&length={length}");
        var (json, revision) = await client.GetAsync(what, address, cancellation).ConfigureAwait(false);
        var page = PilePage.Parse(what, json, offset, length, revision is null ? null : OneLine.Of(revision));
        if (length == 1 || page.Texts.All(text => text is not null))
        {
            return page;
        }

        var texts = page.Texts.ToArray();
        foreach (var i in Enumerable.Range(0, length).Where(i => texts[i] is null))
        {
            var alone = await PageAsync(client, options, offset + i, 1, cancellation).ConfigureAwait(false);
            texts[i] = alone.Revision == page.Revision
                ? alone.Texts[0]
                : throw new HubException($"{Dataset}: changed from {page.Revision} to {alone.Revision} on the way; run again");
        }

        return page with { Texts = texts };
    }

    private static string Write(string file, IReadOnlyList<string?> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AtomicFile.Write(file, stream =>
        {
            foreach (var (row, text) in texts.Index().Where(row => row.Item is not null))
            {
                var line = HubJson.Line(new { Id = $"pile:{row}", Text = text });
                stream.Write(line);
                hash.AppendData(line);
            }
        });
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>Where the documents beside this record come from.</summary>
/// <param name="Dataset">The data set.</param>
/// <param name="Split">The split.</param>
/// <param name="Revision">Its commit, where the server said so.</param>
/// <param name="Offset">The first row.</param>
/// <param name="Rows">How many rows were asked for.</param>
/// <param name="Documents">How many of them are in the file.</param>
/// <param name="LeftOut">The rows that the server does not send whole; they are not in the file.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="Date">When they were fetched.</param>
internal sealed record PileDocuments(
    string Dataset,
    string Split,
    string? Revision,
    int Offset,
    int Rows,
    int Documents,
    IReadOnlyList<int> LeftOut,
    string Sha256,
    DateTimeOffset Date);

/// <summary>A page of rows, as it is kept while the others are fetched: one line of JSON.</summary>
/// <param name="Offset">The first row.</param>
/// <param name="Revision">The commit of the data set, where the server said so.</param>
/// <param name="Texts">One a row; null where the server cut it.</param>
internal sealed record PilePage(int Offset, string? Revision, IReadOnlyList<string?> Texts)
{
    /// <summary>Reads an answer of the data sets' server.</summary>
    public static PilePage Parse(string what, byte[] json, int offset, int length, string? revision)
    {
        var rows = HubJson.Parse(what, json, root => root.GetProperty("rows").EnumerateArray().Select(Read).ToArray());
        return rows.Select(row => row.Number).SequenceEqual(Enumerable.Range(offset, length))
            ? new PilePage(offset, revision, [.. rows.Select(row => row.Text)])
            : throw new HubException($"{what}: expected {length} rows from {offset}, got {rows.Length} or others");
    }

    private static (int Number, string? Text) Read(JsonElement row)
    {
        var number = row.GetProperty("row_idx").GetInt32();
        return row.GetProperty("truncated_cells").GetArrayLength() > 0
            ? (number, null)
            : (number, row.GetProperty("row").GetProperty("text").GetString() ?? throw new FormatException("no text"));
    }
}
