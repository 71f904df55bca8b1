using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Logitscope;

/// <summary>
/// The rows of a sweep on disk, <c>rows.jsonl</c>, appended a batch at a time, and <c>plan.json</c>, the hash of what
/// determines them. A killed sweep goes on after its last whole batch.
/// </summary>
public sealed class Journal : IDisposable
{
    /// <summary>The file of rows.</summary>
    public const string RowsFile = "rows.jsonl";

    private readonly FileStream _rows;

    private Journal(string folder, FileStream rows, List<SweepRow> written)
    {
        Folder = folder;
        _rows = rows;
        Written = written;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The rows of earlier runs: whole batches only.</summary>
    public IReadOnlyList<SweepRow> Written { get; }

    /// <summary>Opens a folder's journal, or begins one.</summary>
    /// <param name="folder">Created where it does not exist.</param>
    /// <param name="plan">What is to run.</param>
    /// <returns>The journal, positioned after its last whole batch.</returns>
    /// <exception cref="SweepException">
    /// The folder holds another sweep or other files, is in use, or cannot be written; nothing in it has changed then.
    /// </exception>
    public static Journal Open(string folder, SweepPlan plan)
    {
        try
        {
            Directory.CreateDirectory(folder);
            RequireOwn(folder);
            var stream = new FileStream(
                Path.Combine(folder, RowsFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            try
            {
                Claim(folder, plan, stream);
                return new Journal(folder, stream, KeepWholeBatches(stream, plan));
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SweepException($"{folder}: cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Reads the rows of a finished or unfinished sweep.</summary>
    /// <param name="folder">Its folder.</param>
    /// <returns>The rows, in the order in which they were written.</returns>
    /// <exception cref="SweepException">There is no journal, or a line of it is broken.</exception>
    public static IReadOnlyList<SweepRow> Read(string folder)
    {
        var path = Path.Combine(folder, RowsFile);
        try
        {
            return [.. File.ReadLines(path).Select((line, i) => Parse(path, i + 1, line))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SweepException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Appends the rows of one batch and waits until they are on disk.</summary>
    /// <param name="rows">The batch.</param>
    /// <exception cref="SweepException">The disk is full or gone.</exception>
    public void Append(IEnumerable<SweepRow> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.Append(JsonSerializer.Serialize(row, SweepJson.Line)).Append('\n');
        }

        try
        {
            _rows.Write(Encoding.UTF8.GetBytes(text.ToString()));
            _rows.Flush(flushToDisk: true);
        }
        catch (IOException error)
        {
            throw new SweepException($"{_rows.Name}: cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _rows.Dispose();

    // What a sweep writes would lie among files that have nothing to do with it.
    private static void RequireOwn(string folder)
    {
        string[] names = [.. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry))];
        var other = names.FirstOrDefault(name => name[0] != '.' && !name.StartsWith(Shard.FolderPrefix, StringComparison.Ordinal));
        if (other is not null && !names.Contains(RowsFile) && !names.Contains(SweepManifest.File))
        {
            throw new SweepException($"{folder}: expected an empty folder or a sweep's, got one with {other}; choose another");
        }
    }

    private static void Claim(string folder, SweepPlan plan, FileStream rows)
    {
        var manifest = SweepManifest.Of(plan);
        if (rows.Length == 0) // nothing to lose, and a kill may have left another plan
        {
            manifest.Write(folder);
            return;
        }

        if (!File.Exists(Path.Combine(folder, SweepManifest.File)))
        {
            throw new SweepException(
                $"{folder}: expected an empty folder or a sweep's, got rows without {SweepManifest.File}");
        }

        var found = SweepManifest.Read(folder);
        if (found.Hash != manifest.Hash)
        {
            throw new SweepException(plan.UndeclaredMapping is { } mapping
                ? $"{folder}: holds rows, and the mapping '{mapping}' declares no parameters, so that nothing tells whether it "
                    + "is the one that made them; declare them (Mapping.Of), choose another folder or remove it"
                : $"{folder}: holds the sweep of another model, data, options or version; choose another folder or remove it");
        }

        if (found.Shard != manifest.Shard)
        {
            throw new SweepException($"{folder}: expected shard {manifest.Shard} of this sweep, got {found.Shard}");
        }
    }

    private static List<SweepRow> KeepWholeBatches(FileStream stream, SweepPlan plan)
    {
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var rows = new List<SweepRow>();
        var (start, kept, block) = (0, 0, 0);
        for (var inBlock = 0; block < plan.Blocks;)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', start);
            if (end < 0)
            {
                break;
            }

            rows.Add(Parse(stream.Name, rows.Count + 1, Encoding.UTF8.GetString(bytes, start, end - start)));
            start = end + 1;
            if (++inBlock == plan.RowsOf(block))
            {
                (kept, inBlock) = (start, 0);
                block++;
            }
        }

        stream.SetLength(kept);
        stream.Position = kept;
        return rows[..Enumerable.Range(0, block).Sum(plan.RowsOf)];
    }

    private static SweepRow Parse(string path, int line, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<SweepRow>(text, SweepJson.Line)
                ?? throw new SweepException($"{path}:{line}: expected a row, got null");
        }
        catch (JsonException error)
        {
            throw new SweepException($"{path}:{line}: expected a row, got '{text}'", error);
        }
    }
}

/// <summary>One cell of a sweep: one method read one layer's residual of one prompt. A line of <c>rows.jsonl</c>.</summary>
/// <param name="Method">The technique's name.</param>
/// <param name="Layer">The 0-based source layer; the residual is its resid_post.</param>
/// <param name="Prompt">The 0-based number of the prompt among those that ran.</param>
/// <param name="Position">The 0-based source position, BOS counted.</param>
/// <param name="Target">The model's own prediction there: argmax of its own distribution.</param>
/// <param name="Predicted">argmax of the distribution that the method read.</param>
/// <param name="PrecisionAt1">1 if they are the same token, else 0.</param>
/// <param name="Surprisal"><c>-ln p_patched(target)</c>, in nats: the reference's.</param>
/// <param name="SurprisalPaper"><c>-ln p_source(predicted)</c>, in nats: the paper's.</param>
/// <param name="Kl"><c>KL(p_source || p_patched)</c>, in nats.</param>
/// <param name="Rank">0-based rank of target in the method's distribution.</param>
/// <param name="Margin">Lead of predicted over the second token there, in nats.</param>
public sealed record SweepRow(
    string Method,
    int Layer,
    int Prompt,
    int Position,
    int Target,
    int Predicted,
    [property: JsonPropertyName("precision_at_1")] int PrecisionAt1,
    double Surprisal,
    double SurprisalPaper,
    double Kl,
    int Rank,
    double Margin)
{
    /// <summary>A cell with its score.</summary>
    /// <param name="method">The technique's name.</param>
    /// <param name="layer">The source layer.</param>
    /// <param name="prompt">The prompt's number.</param>
    /// <param name="position">The source position.</param>
    /// <param name="score">The score.</param>
    /// <remarks>Not public, or System.Text.Json cannot tell which constructor reads a line.</remarks>
    internal SweepRow(string method, int layer, int prompt, int position, NextTokenScore score)
        : this(
            method, layer, prompt, position, score.Target, score.Predicted, score.PrecisionAt1, score.Surprisal,
            score.SurprisalPaper, score.Kl, score.Rank, score.Margin)
    {
    }
}
