namespace Logitscope.World;

/// <summary>Puts facts into words: picks one of a relation's phrases and fills it.</summary>
internal sealed class Wording(Atlas atlas)
{
    private const double FrameChance = 0.2;

    private readonly Dictionary<(PhraseUse, Fact), (Template HeldOut, IReadOnlyList<Template> Trained)> _phrases =
        new PhraseUse[] { PhraseUse.Tell, PhraseUse.Ask }
            .SelectMany(use => atlas.Facts.Select(fact => (use, fact)))
            .ToDictionary(
                key => key, key => Split(atlas.Phrases.For(key.fact.Relation.Key, key.use), key.use, key.fact));

    /// <summary>A clause that states the fact, without capital letter and full stop.</summary>
    public string Clause(StableRandom random, Fact fact) => Say(random, PhraseUse.Tell, fact, fact.Subject.Name);

    /// <summary>A sentence that states the fact, now and then in a frame such as "My teacher told me that".</summary>
    public string Sentence(StableRandom random, Fact fact) => Sentence(random, Clause(random, fact));

    /// <summary>A clause as a sentence, now and then in a frame.</summary>
    public string Sentence(StableRandom random, string clause) => English.Sentence(random.Chance(FrameChance)
        ? random.Pick(atlas.Phrases.Frames).Fill(_ => clause)!
        : clause);

    /// <summary>A question for the fact's value.</summary>
    public string Question(StableRandom random, Fact fact) =>
        English.Capitalize(Say(random, PhraseUse.Ask, fact, fact.Subject.Name));

    /// <summary>A noun phrase for the fact's value: "the capital of Poland".</summary>
    public string Noun(StableRandom random, Fact fact) => Say(random, PhraseUse.Noun, fact, fact.Subject.Name);

    /// <summary>Whether the relation has a phrase for this use.</summary>
    public bool Has(Fact fact, PhraseUse use) => atlas.Phrases.For(fact.Relation.Key, use).Count > 0;

    /// <summary>A phrase of the given use, with <paramref name="subject"/> in the subject's place.</summary>
    public string Say(StableRandom random, PhraseUse use, Fact fact, string subject) =>
        Fill(random.Pick(Phrases(use, fact)), fact, subject, fact.Value);

    /// <summary>The phrases of a use that training may put the fact into.</summary>
    public IReadOnlyList<Template> Phrases(PhraseUse use, Fact fact) =>
        _phrases.TryGetValue((use, fact), out var phrases)
            ? phrases.Trained
            : atlas.Phrases.For(fact.Relation.Key, use);

    /// <summary>The phrase that training uses for other facts, and never for this one.</summary>
    /// <param name="use">Telling, with a phrase that ends with the value, or asking.</param>
    /// <param name="fact">The fact.</param>
    public Template HeldOutPhrase(PhraseUse use, Fact fact) => _phrases[(use, fact)].HeldOut;

    /// <summary>A phrase filled; subject and value may be other words than the fact's own.</summary>
    public string Fill(Template phrase, Fact fact, string subject, string value)
    {
        return phrase.Fill(Slot)!;

        string? Slot(string path) => path switch
        {
            "s" => subject,
            "o" => value,
            "it" => fact.Subject["pronoun"] ?? "it",
            "its" => fact.Subject["pronoun"] switch { "he" => "his", "she" => "her", _ => "its" },
            _ => null,
        };
    }

    /// <summary>What a subject is, in a few words: "country in the Middle East".</summary>
    public string Describe(StableRandom random, Subject subject)
    {
        var descriptions = atlas.Phrases.For(subject.Kind, PhraseUse.Describe)
            .Select(phrase => phrase.Fill(path => atlas.Value(subject, path["s.".Length..])))
            .OfType<string>()
            .ToArray();
        return descriptions.Length > 0
            ? random.Pick(descriptions)
            : throw new AtlasException($"{subject.Kind}.tsv: no description in phrases.tsv fits '{subject.Name}'.");
    }

    private static (Template HeldOut, IReadOnlyList<Template> Trained) Split(
        IReadOnlyList<Template> phrases, PhraseUse use, Fact fact)
    {
        var heldOut = HeldOut.Wording(
            fact, use, [.. phrases.Where(phrase => use == PhraseUse.Ask || phrase.EndsWith("o"))]);
        return (heldOut, [.. phrases.Where(phrase => phrase != heldOut)]);
    }
}
