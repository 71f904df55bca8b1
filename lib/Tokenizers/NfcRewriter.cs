using System.Text;

namespace Logitscope.Tokenizers;

/// <summary>
/// Unicode's normalization form C. .NET's own leaves every text as it is, without a word, where a process runs with
/// invariant globalization. A lone surrogate stays.
/// </summary>
internal sealed class NfcRewriter : TextRewriter
{
    /// <summary>No char below takes part in any composition with another below.</summary>
    private const char FirstMark = '\u0300';

    public override Stretch Apply(Stretch stretch)
    {
        if (!stretch.Chars.ContainsAnyExceptInRange('\0', (char)(FirstMark - 1)))
        {
            return stretch;
        }

        var text = new StringBuilder(stretch.Chars.Length);
        var origins = new List<(int, int)>(stretch.Chars.Length);
        var cluster = new List<int>();
        var changed = false;
        for (int start = stretch.Start, end; start < stretch.End; start = end)
        {
            end = ReadCluster(stretch, start, cluster);
            if (IsComposed(cluster))
            {
                text.Append(stretch.Text, start, end - start);
                origins.AddRange(Enumerable.Range(start, end - start).Select(place => (place, place + 1)));
                continue;
            }

            var length = text.Length;
            foreach (var codePoint in Composed(cluster))
            {
                Append(text, codePoint);
            }

            changed |= !text.ToString(length, text.Length - length).AsSpan()
                .SequenceEqual(stretch.Text.AsSpan(start, end - start));
            origins.AddRange(Enumerable.Repeat((start, end), text.Length - length));
        }

        return changed ? stretch.Rewritten(text.ToString(), origins) : stretch;
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

    /// <summary>Joins to the last starter what follows it and is not blocked by a mark of the same class or above.</summary>
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

    private static void Append(StringBuilder text, int codePoint)
    {
        if (codePoint > char.MaxValue)
        {
            text.Append(char.ConvertFromUtf32(codePoint));
        }
        else
        {
            text.Append((char)codePoint);
        }
    }
}
