namespace Logitscope.Sweeps;

/// <summary>Makes of the parts of a sweep, run on several machines, what one machine would have written.</summary>
public static class SweepMerge
{
    /// <summary>Merges the parts under a folder, <c>shard-1-of-8</c> and so on, into the folder itself.</summary>
    /// <param name="folder">The folder that was given to every part.</param>
    /// <returns>Rows and summary of the whole.</returns>
    /// <exception cref="SweepException">A part is missing, unfinished, double or of another sweep; nothing is written then.</exception>
    public static SweepResult Run(string folder)
    {
        try
        {
            var parts = Directory.GetDirectories(folder, $"{Shard.FolderPrefix}*")
                .Select(part => (Folder: part, Manifest: SweepManifest.Read(part)))
                .Select(part => (part.Folder, part.Manifest, Shard: Shard.Parse(part.Manifest.Shard, _ => null)))
                .OrderBy(part => part.Shard.Number)
                .ToArray();
            Check(folder, [.. parts.Select(part => (part.Folder, part.Manifest, part.Shard))]);
            var lines = parts.Select(part => LinesOf(part.Folder, part.Manifest)).ToArray();
            var first = parts[0].Manifest;
            var blocks = parts.Sum(part => part.Manifest.Rows.Count);
            var whole = first with
            {
                Shard = Shard.Whole.ToString(),
                Rows = [.. Enumerable.Range(0, blocks).Select(b => parts[b % parts.Length].Manifest.Rows[b / parts.Length])],
            };
            var taken = new int[parts.Length];
            var merged = whole.Rows.Index().SelectMany(block =>
            {
                var part = block.Index % parts.Length;
                taken[part] += block.Item;
                return lines[part][(taken[part] - block.Item)..taken[part]];
            });
            whole.Write(folder);
            AtomicFile.Write(Path.Combine(folder, Journal.RowsFile), string.Concat(merged.Select(line => line + "\n")));
            var rows = Journal.Read(folder);
            var result = new SweepResult(rows, SweepSummary.Of(rows, whole.Provenance));
            result.Summary.Write(folder);
            return result;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SweepException($"{folder}: cannot be merged: {error.Message}", error);
        }
    }

    private static void Check(string folder, IReadOnlyList<(string Folder, SweepManifest Manifest, Shard Shard)> parts)
    {
        if (parts.Count == 0)
        {
            throw new SweepException($"{folder}: expected folders {Shard.FolderPrefix}1-of-n, got none");
        }

        var (_, first, shard) = parts[0];
        foreach (var (part, manifest, other) in parts)
        {
            if (manifest.Hash != first.Hash || other.Count != shard.Count)
            {
                throw new SweepException(
                    $"{part}: expected a part of the sweep in {parts[0].Folder}, one of {shard.Count}, got one of another sweep");
            }
        }

        for (var number = 1; number <= shard.Count; number++)
        {
            if (parts.Count(part => part.Shard.Number == number) is not 1 and var found)
            {
                throw new SweepException($"{folder}: expected shard {number}/{shard.Count} once, got it {found} times");
            }
        }
    }

    private static string[] LinesOf(string folder, SweepManifest manifest)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, Journal.RowsFile));
        return lines.Length == manifest.Rows.Sum()
            ? lines
            : throw new SweepException(
                $"{folder}: shard {manifest.Shard} is unfinished: expected {manifest.Rows.Sum()} rows, got {lines.Length}; "
                + "run it again to go on");
    }
}
