using System.Buffers;
using System.Text;

namespace Logitscope.Tokenizers;

/// <summary>
/// Unicode's normalization form C. .NET's own leaves every text as it is, without a word, where a process runs with
/// invariant globalization. A lone surrogate stays.
/// </summary>
internal sealed class NfcRewriter : TextRewriter
{
    /// <summary>The chars that change nothing and that only others can change.</summary>
    private static readonly SearchValues<char> s_plain = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Where(IsPlain).Select(unit => (char)unit)]);

    public override Stretch Apply(Stretch stretch)
    {
        var text = new StringBuilder();
        var origins = new List<(int, int)>();
        var (copied, place) = (stretch.Start, stretch.Start);
        var cluster = new List<int>();
        while (NextCluster(stretch, place) is { } start)
        {
            place = ReadCluster(stretch, start, cluster);
            if (!IsComposed(cluster) && Spelled(Composed(cluster)) is var spelled
                && !stretch.Text.AsSpan(start, place - start).SequenceEqual(spelled))
            {
                Copy(start);
                text.Append(spelled);
                origins.AddRange(Enumerable.Repeat((start, place), spelled.Length));
                copied = place;
            }
        }

        if (copied == stretch.Start)
        {
            return stretch;
        }

        Copy(stretch.End);
        return stretch.Rewritten(text.ToString(), [.. origins]);

        void Copy(int end)
        {
            text.Append(stretch.Text, copied, end - copied);
            for (; copied < end; copied++)
            {
                origins.Add((copied, copied + 1));
            }
        }
    }

    private static bool IsPlain(int unit) =>
        !char.IsSurrogate((char)unit) && CanonicalMappings.StandsAlone(unit) && !CanonicalMappings.Decomposes(unit);

    /// <summary>Where the next characters begin that may have to change, from a place on; null at the end.</summary>
    private static int? NextCluster(Stretch stretch, int from)
    {
        var distance = stretch.Text.AsSpan(from, stretch.End - from).IndexOfAnyExcept(s_plain);
        if (distance < 0)
        {
            return null;
        }

        var found = from + distance;
        var needsTheOneBefore = distance > 0 && !CanonicalMappings.StandsAlone(CodePointAt(stretch, found, out _));
        return needsTheOneBefore ? found - 1 : found;
    }

    /// <summary>The code points from a place up to the next that stands alone.</summary>
    private static int ReadCluster(Stretch stretch, int start, List<int> cluster)
    {
        cluster.Clear();
        while (start < stretch.End)
        {
            var codePoint = CodePointAt(stretch, start, out var units);
            if (cluster.Count > 0 && CanonicalMappings.StandsAlone(codePoint))
            {
                break;
            }

            cluster.Add(codePoint);
            start += units;
        }

        return start;
    }

    private static int CodePointAt(Stretch stretch, int place, out int units)
    {
        var isPair = place + 1 < stretch.End && char.IsSurrogatePair(stretch.Text, place);
        units = isPair ? 2 : 1;
        return isPair ? char.ConvertToUtf32(stretch.Text, place) : stretch.Text[place];
    }

    private static bool IsComposed(List<int> cluster) =>
        cluster.Count == 1 && !CanonicalMappings.Decomposes(cluster[0]);

    private static List<int> Composed(List<int> cluster)
    {
        var parts = new List<int>();
        foreach (var codePoint in cluster)
        {
            CanonicalMappings.Decompose(codePoint, parts);
        }

        SortMarks(parts);
        Compose(parts);
        return parts;
    }

    /// <summary>Puts each run of marks in the order of their classes; equals keep theirs.</summary>
    private static void SortMarks(List<int> parts)
    {
        for (var start = 0; start < parts.Count; start++)
        {
            var end = start;
            while (end < parts.Count && CanonicalMappings.ClassOf(parts[end]) > 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                int[] sorted = [.. parts[start..end].OrderBy(CanonicalMappings.ClassOf)];
                for (var i = 0; i < sorted.Length; i++)
                {
                    parts[start + i] = sorted[i];
                }
            }

            start = end;
        }
    }

    /// <summary>Joins to the last starter what is not blocked by a mark of its class or a higher one.</summary>
    private static void Compose(List<int> parts)
    {
        var (kept, starter, lastClass) = (0, -1, 0);
        foreach (var part in parts.ToArray())
        {
            var combining = CanonicalMappings.ClassOf(part);
            var blocked = starter >= 0 && kept > starter + 1 && lastClass >= combining;
            if (starter >= 0 && !blocked && CanonicalMappings.Compose(parts[starter], part) is { } composite)
            {
                parts[starter] = composite;
                continue;
            }

            if (combining == 0)
            {
                starter = kept;
            }

            parts[kept++] = part;
            lastClass = combining;
        }

        parts.RemoveRange(kept, parts.Count - kept);
    }

    /// <summary>A lone surrogate is one char here too.</summary>
    private static string Spelled(List<int> codePoints) => string.Concat(codePoints.Select(codePoint =>
        codePoint > char.MaxValue ? char.ConvertFromUtf32(codePoint) : ((char)codePoint).ToString()));
}
