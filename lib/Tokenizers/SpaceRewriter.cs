namespace Logitscope;

/// <summary>When a space is put before a text, so that its first word looks like any other.</summary>
internal enum SpacePrefix
{
    /// <summary>Never.</summary>
    None,

    /// <summary>Before every stretch between added tokens that holds any text.</summary>
    Always,

    /// <summary>As <see cref="Always"/>, but not where the stretch begins with a space.</summary>
    UnlessThere,

    /// <summary>Before the beginning of the whole text alone, unless that is a space.</summary>
    FirstUnlessThere,
}

/// <summary>SentencePiece's spaces: written as <c>▁</c>, one in front of the text, perhaps none doubled.</summary>
internal sealed class SpaceRewriter(SpacePrefix prefix, bool collapses = false) : TextRewriter
{
    /// <summary>How SentencePiece spells a space.</summary>
    public const char Symbol = '▁';

    public SpacePrefix Prefix => prefix;

    public override Stretch Apply(Stretch stretch)
    {
        var start = collapses ? stretch.Chars.TrimStart(' ') : stretch.Chars;
        var first = stretch.End - start.Length;
        var last = first + (collapses ? start.TrimEnd([' ', Symbol]) : start).Length;
        if (first == last)
        {
            return stretch.Part(first, first);
        }

        var prefixes = NeedsPrefix(stretch, first) ? 1 : 0;
        var text = new char[prefixes + last - first];
        var origins = new (int, int)[text.Length];
        var count = 0;
        if (prefixes > 0)
        {
            Add(Symbol, first, first);
        }

        for (var place = first; place < last; place++)
        {
            var letter = stretch.Text[place];
            if (!collapses || letter != ' ' || stretch.Text[place - 1] != ' ')
            {
                Add(letter == ' ' ? Symbol : letter, place, place + 1);
            }
        }

        return stretch.Rewritten(new(text, 0, count), origins[..count]);

        void Add(char letter, int start, int end)
        {
            text[count] = letter;
            origins[count++] = (start, end);
        }
    }

    private bool NeedsPrefix(Stretch stretch, int first) => prefix switch
    {
        SpacePrefix.None => false,
        SpacePrefix.Always => true,
        SpacePrefix.UnlessThere => !IsSpace(stretch.Text[first]),
        _ => !IsSpace(stretch.Text[first]) && stretch.SourceOf(first, first + 1).Start.Value == 0,
    };

    private static bool IsSpace(char value) => value is ' ' or Symbol;
}
