namespace Logitscope.World;

/// <summary>The wordings of <c>grammar.tsv</c>: cores that hold for every relation, composed with the relation's nouns, and
/// frames around them. Families of cores and of frames are held out by <see cref="HeldOut.ContainsFamily"/>.</summary>
internal sealed class Grammar
{
    private const string Everything = "*";
    private readonly ILookup<(string Key, GrammarUse Use), (string Family, bool HeldOut, Template Text)> _phrases;

    private Grammar(ILookup<(string, GrammarUse), (string, bool, Template)> phrases, IReadOnlyList<string> families) =>
        (_phrases, Families) = (phrases, families);

    /// <summary>The families of cores and frames, in alphabetical order.</summary>
    public IReadOnlyList<string> Families { get; }

    /// <summary>Reads the file and composes every wording.</summary>
    /// <exception cref="AtlasException">A row names an unknown relation, kind or use, or a relation lacks its forms.</exception>
    public static Grammar Read(string path, IReadOnlyCollection<string> relations, IReadOnlyCollection<string> kinds)
    {
        var rows = Tsv.Read(path, "family", "use", "relation", "text").Select(row => new Row(row)).ToArray();
        if (rows.FirstOrDefault(row => row.Key != Everything && !relations.Contains(row.Key) && !kinds.Contains(row.Key)) is { } odd)
        {
            throw new AtlasException($"{odd.Where}: expected a relation or kind of the tables, got '{odd.Key}'.");
        }

        var texts = rows.ToLookup(row => (row.Key, row.Use), row => row.Text);
        GrammarUse[] needed = [GrammarUse.Subject, GrammarUse.Value, GrammarUse.Word, GrammarUse.Noun];
        foreach (var (relation, use) in relations.SelectMany(relation => needed.Select(use => (relation, use))))
        {
            _ = texts.Contains((relation, use)) ? use : throw new AtlasException($"{path}: expected a {use} for {relation}, got none.");
        }

        var wordings = rows.Where(row => row.Use is GrammarUse.Tell or GrammarUse.Verb or GrammarUse.Line or GrammarUse.Ask)
            .SelectMany(row => (row.Key == Everything ? relations : [row.Key]).SelectMany(key => Compose(row, key, texts)));
        var plain = rows.Where(row => row.Use is GrammarUse.Frame or GrammarUse.Describe)
            .Select(row => (row.Key, row.Use, row.Family, Text: row.Text, row.Where));
        return new Grammar(
            wordings.Concat(plain).ToLookup(row => (row.Key, row.Use), row => (row.Family, HeldOut.ContainsFamily(row.Family), Template.Parse(row.Text, row.Where))),
            [
                .. rows.Where(row => row.Use is GrammarUse.Tell or GrammarUse.Verb or GrammarUse.Line or GrammarUse.Ask or GrammarUse.Frame)
                    .Select(row => row.Family).Distinct().Order(StringComparer.Ordinal),
            ]);
    }

    /// <summary>The wordings of a relation (the descriptions of a kind) for a use, with nouns and forms in place.</summary>
    public IReadOnlyList<Template> For(string key, GrammarUse use, bool heldOut) =>
        [.. _phrases[(key, use)].Where(phrase => phrase.HeldOut == heldOut).Select(phrase => phrase.Text)];

    /// <summary>The family that a wording belongs to.</summary>
    public string FamilyOf(string key, GrammarUse use, Template text) =>
        _phrases[(key, use)].First(phrase => phrase.Text == text).Family;

    /// <summary>The frames around a clause.</summary>
    public IReadOnlyList<Template> Frames(bool heldOut) => For(Everything, GrammarUse.Frame, heldOut);

    /// <summary>What the descriptions of a kind are, the kind's word first.</summary>
    public IReadOnlyList<Template> Descriptions(string kind) =>
        [.. _phrases[(kind, GrammarUse.Describe)].Select(phrase => phrase.Text)];

    private static IEnumerable<(string Key, GrammarUse Use, string Family, string Text, string Where)> Compose(
        Row row, string key, ILookup<(string, GrammarUse), string> texts)
    {
        var nouns = row.Text.Contains("{n}") ? texts[(key, GrammarUse.Noun)] : [""];
        var (subject, value) = (texts[(key, GrammarUse.Subject)].First(), texts[(key, GrammarUse.Value)].First());
        var word = texts[(key, GrammarUse.Word)].First();
        return nouns.Select(noun => (key, row.Use, row.Family, Final(noun), row.Where));

        string Final(string noun) => row.Text.Replace("{n}", noun).Replace("{q}", word)
            .Replace("{s}", subject).Replace("{o}", value).Replace("{v}", "{o}").Replace("{a v}", "{a o}").Replace("\\n", "\n");
    }

    private sealed record Row(string Family, GrammarUse Use, string Key, string Text, string Where)
    {
        public Row(Tsv.Row row)
            : this(row.Cells[0], UseOf(row), row.Cells[2], row.Cells[3], row.Where)
        {
        }

        private static GrammarUse UseOf(Tsv.Row row) => Enum.TryParse<GrammarUse>(row.Cells[1], ignoreCase: true, out var use)
            ? use
            : throw new AtlasException(
                $"{row.Where}: expected a use out of {string.Join(", ", Enum.GetNames<GrammarUse>()).ToLowerInvariant()}, "
                + $"got '{row.Cells[1]}'.");
    }
}

/// <summary>What a row of <c>grammar.tsv</c> is for.</summary>
internal enum GrammarUse
{
    /// <summary>A clause, which a frame may go around.</summary>
    Tell,

    /// <summary>A clause as well, in words that hold for one relation alone.</summary>
    Verb,

    /// <summary>A fact set in another form: a line of a list, a dialogue, a correction. Ends with the value.</summary>
    Line,

    /// <summary>A question for the value.</summary>
    Ask,

    /// <summary>A sentence around a clause.</summary>
    Frame,

    /// <summary>A noun phrase for the value; composed with the cores.</summary>
    Noun,

    /// <summary>The subject in running text.</summary>
    Subject,

    /// <summary>The value in running text; <c>{v}</c> in a core is the bare one.</summary>
    Value,

    /// <summary>The word that asks: what, who.</summary>
    Word,

    /// <summary>What a subject is, its kind first.</summary>
    Describe,
}
