namespace Logitscope;

// LLaMA 3's pattern, and with digits one by one Qwen2's and Qwen3's: (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|
// \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+.
internal sealed class Llama3Splitter(int digits) : TextSplitter
{
    private const string Digits = @"\p{N}{1,3}";

    private const string Written =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|" + Digits + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The splitters by how a file writes their patterns.</summary>
    public static IReadOnlyDictionary<string, TextSplitter> ByPattern { get; } = new Dictionary<string, TextSplitter>
    {
        [Written] = new Llama3Splitter(digits: 3),
        [Written.Replace(Digits, @"\p{N}", StringComparison.Ordinal)] = new Llama3Splitter(digits: 1),
    };

    public override int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && ContractionLength(text[(start + 1)..]) is > 0 and var contraction)
        {
            return start + 1 + contraction;
        }

        var kind = KindAt(text, start, out var units);
        var letters = kind is Kind.Letter or Kind.Number || text[start] is '\r' or '\n' ? start : start + units;
        if (kind != Kind.Number && EndOfRun(text, letters, Kind.Letter) is var word && word > letters)
        {
            return word;
        }

        var marks = text[start] == ' ' ? start + 1 : start;
        return kind == Kind.Number ? EndOfRun(text, start, Kind.Number, digits)
            : EndOfRun(text, marks, Kind.Other) is var others && others > marks ? EndOfLines(text, others)
            : LastLineIn(text[start..EndOfRun(text, start, Kind.Space)]) is > 0 and var lines ? start + lines
            : EndOfSpaces(text, start);
    }

    private static int EndOfLines(ReadOnlySpan<char> text, int start) =>
        text[start..].IndexOfAnyExcept('\r', '\n') is >= 0 and var length ? start + length : text.Length;

    private static int LastLineIn(ReadOnlySpan<char> spaces) => spaces.LastIndexOfAny('\r', '\n') + 1;

    // Of no other letter than s is there one that is the same but for its case and no ASCII.
    private static int ContractionLength(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 'S' or 'ſ' or 't' or 'T' or 'm' or 'M' or 'd' or 'D', ..] => 1,
        ['r' or 'R' or 'v' or 'V', 'e' or 'E', ..] or ['l' or 'L', 'l' or 'L', ..] => 2,
        _ => 0,
    };
}
