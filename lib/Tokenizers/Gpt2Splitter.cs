namespace Logitscope;

// GPT-2's pattern: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+.
internal sealed class Gpt2Splitter : TextSplitter
{
    /// <summary>It has no state.</summary>
    public static readonly Gpt2Splitter Instance = new();

    public override int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && ContractionLength(text[(start + 1)..]) is > 0 and var letters)
        {
            return start + 1 + letters;
        }

        var run = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var kind = KindAt(text, run, out _);
        return kind != Kind.Space ? EndOfRun(text, run, kind) : EndOfSpaces(text, start);
    }

    private static int ContractionLength(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] or ['l', 'l', ..] => 2,
        _ => 0,
    };
}
