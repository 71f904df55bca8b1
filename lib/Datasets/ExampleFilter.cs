namespace Logitscope.Datasets;

/// <summary>
/// The reference's choice of short documents: <c>len(text.split(" ")) &lt; 200 and len(text) &lt; 1600</c> in Python.
/// An example given as ids has no text to measure and is kept.
/// </summary>
public sealed record ExampleFilter
{
    /// <summary>
    /// Keeps texts of fewer words than this. Words stand between single spaces, so two spaces hold an empty word
    /// between them, and newlines separate nothing. Default 200.
    /// </summary>
    public int WordsBelow { get; init; } = 200;

    /// <summary>Keeps texts of fewer Unicode code points than this. Default 1,600.</summary>
    public int CodePointsBelow { get; init; } = 1600;

    /// <summary>Whether the example passes.</summary>
    public bool Keeps(Example example) =>
        example.Text is not { } text || (Words(text) < WordsBelow && CodePoints(text) < CodePointsBelow);

    private static int Words(string text) => text.AsSpan().Count(' ') + 1;

    private static int CodePoints(string text)
    {
        var pairs = 0;
        for (var i = 1; i < text.Length; i++)
        {
            pairs += char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }

        return text.Length - pairs;
    }
}
