using System.Text;

namespace Logitscope.World;

/// <summary>A text with slots: <c>{s}</c>, <c>{s.country.adjective}</c>; <c>{a s}</c> puts an indefinite article
/// before the value; a slot that begins with a capital letter, as <c>{Hero}</c> or <c>{A fruit}</c>, capitalizes
/// it.</summary>
internal sealed class Template
{
    private readonly record struct Slot(string Path, bool Article, bool Capital);

    // Literals and slots by turns: literal 0, slot 0, literal 1, ...
    private readonly IReadOnlyList<string> _literals;
    private readonly IReadOnlyList<Slot> _slots;

    private Template(IReadOnlyList<string> literals, IReadOnlyList<Slot> slots) =>
        (_literals, _slots) = (literals, slots);

    /// <summary>As it was written.</summary>
    public string Text { get; private init; } = "";

    /// <summary>What the slots ask for, in order.</summary>
    public IEnumerable<string> Paths => _slots.Select(slot => slot.Path);

    /// <summary>Whether the text ends with the slot <paramref name="path"/>.</summary>
    public bool EndsWith(string path) => _slots.Count > 0 && _slots[^1].Path == path && _literals[^1].Length == 0;

    /// <summary>Reads a template.</summary>
    /// <exception cref="AtlasException">A brace is not closed, or a slot is empty.</exception>
    public static Template Parse(string text, string where)
    {
        var (literals, slots) = (new List<string>(), new List<Slot>());
        var at = 0;
        for (int open; (open = text.IndexOf('{', at)) >= 0;)
        {
            var close = text.IndexOf('}', open);
            if (close <= open + 1)
            {
                throw new AtlasException($"{where}: expected a slot such as {{s}}, got '{text[open..]}'.");
            }

            literals.Add(text[at..open]);
            slots.Add(ParseSlot(text[(open + 1)..close]));
            at = close + 1;
        }

        literals.Add(text[at..]);
        return new Template(literals, slots) { Text = text };
    }

    /// <summary>The text with its slots filled, or null where <paramref name="value"/> has no value for one of
    /// them.</summary>
    public string? Fill(Func<string, string?> value)
    {
        var text = new StringBuilder(_literals[0]);
        for (var i = 0; i < _slots.Count; i++)
        {
            if (value(_slots[i].Path) is not { } plain)
            {
                return null;
            }

            var shown = _slots[i].Article ? English.WithArticle(plain) : plain;
            text.Append(_slots[i].Capital ? English.Capitalize(shown) : shown).Append(_literals[i + 1]);
        }

        return text.ToString();
    }

    private static Slot ParseSlot(string text)
    {
        var article = text.StartsWith("a ", StringComparison.OrdinalIgnoreCase);
        var path = article ? text[2..] : text;
        return new Slot(char.ToLowerInvariant(path[0]) + path[1..], article, char.IsUpper(text[0]));
    }
}
