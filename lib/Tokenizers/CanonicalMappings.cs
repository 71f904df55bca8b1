using System.Globalization;
using System.Text;

namespace Logitscope.Tokenizers;

/// <summary>
/// Unicode's canonical decompositions, compositions and combining classes, from the embedded CanonicalMappings.txt;
/// Hangul by its rule.
/// </summary>
internal static class CanonicalMappings
{
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TailCount;

    private static readonly Dictionary<int, int[]> s_parts = [];
    private static readonly Dictionary<(int First, int Second), int> s_composites = [];
    private static readonly Dictionary<int, int> s_classes = [];
    private static readonly HashSet<int> s_seconds =
        [.. Enumerable.Range(VowelBase, VowelCount), .. Enumerable.Range(TailBase + 1, TailCount - 1)];

    static CanonicalMappings()
    {
        using var stream = typeof(CanonicalMappings).Assembly.GetManifestResourceStream("CanonicalMappings.txt")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            Add(line);
        }
    }

    /// <summary>The order in which marks stand; 0 for what is no mark.</summary>
    public static int ClassOf(int codePoint) => s_classes.GetValueOrDefault(codePoint);

    /// <summary>
    /// Whether nothing before a code point changes with it or changes it, so that a text may be cut there.
    /// </summary>
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
    public static bool Decomposes(int codePoint) => s_parts.ContainsKey(codePoint) || IsSyllable(codePoint);

    /// <summary>Appends the code points that one is made of, marks not yet in order.</summary>
    public static void Decompose(int codePoint, List<int> into)
    {
        if (s_parts.TryGetValue(codePoint, out var parts))
        {
            foreach (var part in parts)
            {
                Decompose(part, into);
            }
        }
        else if (IsSyllable(codePoint))
        {
            var index = codePoint - SyllableBase;
            into.Add(LeadBase + (index / (VowelCount * TailCount)));
            into.Add(VowelBase + (index / TailCount % VowelCount));
            if (index % TailCount > 0)
            {
                into.Add(TailBase + (index % TailCount));
            }
        }
        else
        {
            into.Add(codePoint);
        }
    }

    /// <summary>The code point that two adjacent ones make, or null.</summary>
    public static int? Compose(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + LeadCount && second is >= VowelBase and < VowelBase + VowelCount)
        {
            return SyllableBase + ((((first - LeadBase) * VowelCount) + second - VowelBase) * TailCount);
        }

        if (IsSyllable(first) && (first - SyllableBase) % TailCount == 0
            && second is > TailBase and < TailBase + TailCount)
        {
            return first + second - TailBase;
        }

        return s_composites.TryGetValue((first, second), out var composite) ? composite : null;
    }

    private static bool IsSyllable(int codePoint) =>
        codePoint is >= SyllableBase and < SyllableBase + SyllableCount;

    private static void Add(string line)
    {
        var mark = line.AsSpan().IndexOfAny('=', '>', '-');
        var code = Hex(line[..mark]);
        if (line[mark] == '-')
        {
            var (last, combining) = line[(mark + 1)..].Split(':') is [var end, var value]
                ? (Hex(end), int.Parse(value, CultureInfo.InvariantCulture))
                : throw new FormatException(line);
            for (; code <= last; code++)
            {
                s_classes.Add(code, combining);
            }

            return;
        }

        var parts = Array.ConvertAll(line[(mark + 1)..].Split(' '), Hex);
        s_parts.Add(code, parts);
        if (line[mark] == '=')
        {
            s_composites.Add((parts[0], parts[1]), code);
            s_seconds.Add(parts[1]);
        }
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
