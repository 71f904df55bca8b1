namespace Logitscope.World;

/// <summary>The phrases of <c>phrases.tsv</c>, by relation (or kind, or <c>*</c>) and use.</summary>
internal sealed class Phrasebook
{
    private const string Everything = "*";
    private readonly Dictionary<(string, PhraseUse), Template[]> _phrases;

    private Phrasebook(Dictionary<(string, PhraseUse), Template[]> phrases) => _phrases = phrases;

    /// <summary>The sentences that go around a clause.</summary>
    public IReadOnlyList<Template> Frames => For(Everything, PhraseUse.Frame);

    /// <summary>The phrases of a relation, or a kind, for a use; none where it has none.</summary>
    public IReadOnlyList<Template> For(string key, PhraseUse use) => _phrases.GetValueOrDefault((key, use)) ?? [];

    /// <exception cref="AtlasException">A row names an unknown relation or use, or a relation lacks what every
    /// relation must have.</exception>
    public static Phrasebook Read(string path, IReadOnlyCollection<string> relations, IReadOnlyCollection<string> kinds)
    {
        var known = relations.Concat(kinds).Append(Everything).ToHashSet();
        var rows = Tsv.Read(path, "relation", "use", "text");
        foreach (var row in rows.Where(row => !known.Contains(row.Cells[0])))
        {
            throw new AtlasException($"{row.Where}: expected a relation or kind of the tables, got '{row.Cells[0]}'.");
        }

        var phrases = rows
            .GroupBy(row => (row.Cells[0], ParseUse(row)), ParsePhrase)
            .ToDictionary(group => group.Key, group => group.ToArray());

        PhraseUse[] needed =
            [PhraseUse.Tell, PhraseUse.TellHeldOut, PhraseUse.Ask, PhraseUse.AskHeldOut, PhraseUse.Noun];
        var gap = relations.SelectMany(relation => needed.Select(use => (relation, use)))
            .Concat(kinds.Select(kind => (kind, PhraseUse.Describe)))
            .FirstOrDefault(need => !phrases.ContainsKey(need));
        if (gap != default)
        {
            throw new AtlasException($"{path}: expected a phrase for {gap.Item1}, use {Name(gap.Item2)}, got none.");
        }

        return relations.FirstOrDefault(key => !phrases[(key, PhraseUse.Tell)].Any(IsCloze)) is { } open
            ? throw new AtlasException($"{path}: expected a tell phrase for {open} that ends with {{o}}, got none.")
            : new Phrasebook(phrases);
    }

    private static Template ParsePhrase(Tsv.Row row)
    {
        var (use, phrase) = (ParseUse(row), Template.Parse(row.Cells[2], row.Where));
        if (phrase.Paths.FirstOrDefault(path => !Allows(use, path)) is { } wrong)
        {
            throw new AtlasException($"{row.Where}: a phrase for the use {Name(use)} has no slot {{{wrong}}}.");
        }

        return use != PhraseUse.TellHeldOut || IsCloze(phrase)
            ? phrase
            : throw new AtlasException($"{row.Where}: expected a {Name(use)} phrase to end with {{o}}.");
    }

    private static bool IsCloze(Template phrase) => phrase.EndsWith("o");

    private static bool Allows(PhraseUse use, string path) => use switch
    {
        PhraseUse.Frame => path == "clause",
        PhraseUse.Describe => path.StartsWith("s.", StringComparison.Ordinal),
        PhraseUse.More => path is "o" or "it" or "its",
        _ => path is "s" or "o",
    };

    private static PhraseUse ParseUse(Tsv.Row row)
    {
        foreach (var use in Enum.GetValues<PhraseUse>().Where(use => Name(use) == row.Cells[1]))
        {
            return use;
        }

        var names = string.Join(", ", Enum.GetValues<PhraseUse>().Select(Name));
        throw new AtlasException($"{row.Where}: expected a use out of {names}, got '{row.Cells[1]}'.");
    }

    private static string Name(PhraseUse use) => use switch
    {
        PhraseUse.TellHeldOut => "tell-heldout",
        PhraseUse.AskHeldOut => "ask-heldout",
        _ => use.ToString().ToLowerInvariant(),
    };
}

/// <summary>What a phrase of <c>phrases.tsv</c> is for. In its text, <c>{s}</c> is the subject and <c>{o}</c> the
/// value.</summary>
internal enum PhraseUse
{
    /// <summary>A clause that states the fact.</summary>
    Tell,

    /// <summary>The same in words that training never sees; ends with the value.</summary>
    TellHeldOut,

    /// <summary>A question for the value.</summary>
    Ask,

    /// <summary>The same in words that training never sees.</summary>
    AskHeldOut,

    /// <summary>A question for the subject; used where only one subject has the value.</summary>
    Back,

    /// <summary>A noun phrase for the value.</summary>
    Noun,

    /// <summary>A clause that follows another about the same subject, with a pronoun.</summary>
    More,

    /// <summary>The heading of a list of the subjects that share the value.</summary>
    Group,

    /// <summary>What a subject is, in a few words; belongs to a kind.</summary>
    Describe,

    /// <summary>A sentence around a clause; belongs to no relation.</summary>
    Frame,
}
