using System.Buffers;
using System.Globalization;
using System.Text;

namespace Logitscope;

// Unicode's normalization form C. .NET's own leaves every text as it is, without a word, where a process runs with invariant
// globalization. A lone surrogate stays.
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
        while (NextCluster(stretch, place) is { } start)
        {
            List<int> cluster = [CodePointAt(stretch, start, out var units)];
            for (place = start + units; place < stretch.End; place += units)
            {
                var next = CodePointAt(stretch, place, out units);
                if (CanonicalMappings.StandsAlone(next))
                {
                    break;
                }

                cluster.Add(next);
            }

            if ((cluster.Count > 1 || CanonicalMappings.Decomposes(cluster[0])) && Composed(cluster) is var spelled
                && !stretch.Text.AsSpan(start..place).SequenceEqual(spelled))
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

    private static int CodePointAt(Stretch stretch, int place, out int units)
    {
        var isPair = place + 1 < stretch.End && char.IsSurrogatePair(stretch.Text, place);
        units = isPair ? 2 : 1;
        return isPair ? char.ConvertToUtf32(stretch.Text, place) : stretch.Text[place];
    }

    /// <summary>The composed form, as chars; a lone surrogate is one char here too.</summary>
    private static string Composed(List<int> cluster)
    {
        var parts = Sorted(cluster.SelectMany(CanonicalMappings.Decompose));
        Compose(parts);
        return string.Concat(parts.Select(part => part > char.MaxValue ? char.ConvertFromUtf32(part) : ((char)part).ToString()));
    }

    /// <summary>The marks behind each starter in the order of their classes; equals keep theirs.</summary>
    private static List<int> Sorted(IEnumerable<int> parts)
    {
        var run = 0;
        return
        [
            .. parts.Select(part => (Part: part, Run: CanonicalMappings.ClassOf(part) == 0 ? ++run : run))
                .OrderBy(one => (one.Run, CanonicalMappings.ClassOf(one.Part))).Select(one => one.Part),
        ];
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
}

// Unicode's canonical decompositions, compositions and combining classes, from the embedded CanonicalMappings.txt; Hangul by its
// rule.
internal static class CanonicalMappings
{
    private static readonly Dictionary<int, int[]> s_parts = [];
    private static readonly Dictionary<(int First, int Second), int> s_composites = [];
    private static readonly Dictionary<int, int> s_classes = [];
    private static readonly HashSet<int> s_seconds = [];

    static CanonicalMappings()
    {
        using var stream = typeof(CanonicalMappings).Assembly.GetManifestResourceStream("CanonicalMappings.txt")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            Add(line);
        }

        // A lead and a vowel are a syllable of Hangul, and that and a tail are one too.
        const int syllables = 0xAC00, leads = 0x1100, vowels = 0x1161, tails = 0x11A7;
        const int vowelCount = 21, tailCount = 28, count = 19 * vowelCount * tailCount;
        for (var i = 0; i < count; i++)
        {
            var tail = i % tailCount;
            Add(syllables + i, composes: true, tail > 0
                ? [syllables + i - tail, tails + tail]
                : [leads + (i / (vowelCount * tailCount)), vowels + (i / tailCount % vowelCount)]);
        }
    }

    /// <summary>The order in which marks stand; 0 for what is no mark.</summary>
    public static int ClassOf(int codePoint) => s_classes.GetValueOrDefault(codePoint);

    /// <summary>Whether nothing before a code point changes with it or changes it, so that a text may be cut there.</summary>
    public static bool StandsAlone(int codePoint)
    {
        var first = codePoint;
        while (s_parts.TryGetValue(first, out var parts))
        {
            first = parts[0];
        }

        return ClassOf(first) == 0 && !s_seconds.Contains(first);
    }

    /// <summary>Whether a code point is more than itself.</summary>
    public static bool Decomposes(int codePoint) => s_parts.ContainsKey(codePoint);

    /// <summary>The code points that one is made of, marks not yet in order.</summary>
    public static IEnumerable<int> Decompose(int codePoint) =>
        s_parts.TryGetValue(codePoint, out var parts) ? parts.SelectMany(Decompose) : [codePoint];

    /// <summary>The code point that two adjacent ones make, or null.</summary>
    public static int? Compose(int first, int second) =>
        s_composites.TryGetValue((first, second), out var composite) ? composite : null;

    private static void Add(string line)
    {
        var mark = line.AsSpan().IndexOfAny('=', '>', '-');
        var code = Hex(line[..mark]);
        if (line[mark] != '-')
        {
            Add(code, composes: line[mark] == '=', Array.ConvertAll(line[(mark + 1)..].Split(' '), Hex));
            return;
        }

        var range = line[(mark + 1)..].Split(':');
        for (var last = Hex(range[0]); code <= last; code++)
        {
            s_classes.Add(code, int.Parse(range[1], CultureInfo.InvariantCulture));
        }
    }

    private static void Add(int codePoint, bool composes, int[] parts)
    {
        s_parts.Add(codePoint, parts);
        if (composes)
        {
            s_composites.Add((parts[0], parts[1]), codePoint);
            s_seconds.Add(parts[1]);
        }
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
