using System.Globalization;

namespace Logitscope;

/// <summary>The part of a sweep that one of several machines runs: every n-th batch.</summary>
public sealed record Shard
{
    /// <summary>A part.</summary>
    /// <param name="number">Which, from 1.</param>
    /// <param name="count">Of how many.</param>
    /// <exception cref="SweepException">There is no such part.</exception>
    public Shard(int number, int count)
    {
        if (number < 1 || number > count)
        {
            throw new SweepException($"a shard: expected 1/{count} to {count}/{count}, got {number}/{count}");
        }

        (Number, Count) = (number, count);
    }

    /// <summary>All of it.</summary>
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>Which part, from 1.</summary>
    public int Number { get; }

    /// <summary>Of how many.</summary>
    public int Count { get; }

    /// <summary>Reads <c>3/8</c>; or <c>auto</c>, the place of this task in its Slurm array; or <c>auto/8</c>, the place
    /// of this pod in its Kubernetes indexed Job, or of this task in its Slurm array, among 8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="variable">Gives an environment variable, or null where it is not set.</param>
    /// <returns>The shard.</returns>
    /// <exception cref="SweepException">It is none, or the environment does not say which.</exception>
    public static Shard Parse(string text, Func<string, string?> variable)
    {
        var parts = text.Split('/');
        if (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            if (int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return new Shard(number, count);
            }

            if (parts[0] == "auto")
            {
                return new Shard(InSlurm() ?? Number("JOB_COMPLETION_INDEX") + 1 ?? throw Unset(), count);
            }
        }

        return text == "auto"
            ? new Shard(InSlurm() ?? throw Unset(), Number("SLURM_ARRAY_TASK_COUNT") ?? throw Unset())
            : throw new SweepException($"a shard: expected 3/8, auto or auto/8, got '{text}'");

        int? InSlurm() => Number("SLURM_ARRAY_TASK_ID") - (Number("SLURM_ARRAY_TASK_MIN") ?? 0) + 1;

        int? Number(string name) => variable(name) is not { } value ? null
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new SweepException($"{name}: expected a number, got '{value}'");

        SweepException Unset() => new(
            $"shard {text}: expected SLURM_ARRAY_TASK_ID with SLURM_ARRAY_TASK_COUNT, or auto/n with JOB_COMPLETION_INDEX; neither is set");
    }

    /// <summary>The folder of this part under the sweep's.</summary>
    /// <param name="folder">The sweep's folder.</param>
    /// <returns>The same where there is one part only.</returns>
    public string FolderIn(string folder) =>
        Count == 1 ? folder : Path.Combine(folder, $"{FolderPrefix}{Number}-of-{Count}");

    /// <summary>What the folders of parts begin with.</summary>
    internal const string FolderPrefix = "shard-";

    /// <summary>Whether a batch is in this part.</summary>
    /// <param name="block">Its 0-based number in the whole sweep.</param>
    internal bool Has(int block) => block % Count == Number - 1;

    /// <inheritdoc/>
    public override string ToString() => $"{Number}/{Count}";
}

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
