namespace Logitscope.World;

/// <summary>Asks what a model trained on the corpus of <paramref name="atlas"/> should know.</summary>
internal sealed class AtlasQuestions(Atlas atlas)
{
    private const int IdentityLists = 400;
    private readonly Wording _wording = new(atlas);
    private readonly IdentityWriter _identity = new(atlas);
    private readonly ILookup<string, TwoHop> _chains = atlas.TwoHops.ToLookup(pair => pair.Key);
    private readonly Subject[] _described =
        [.. atlas.Facts.Select(fact => fact.Subject).Distinct().Where(subject => !HeldOut.ContainsDescription(subject))];

    private readonly record struct Item(
        string Relation, string Prompt, string Answer, string Wording, Fact? Fact = null, Fact? Bridge = null);

    /// <summary>Every question: each fact in seven ways (in one less where other words of the corpus happen to hold the
    /// held-out wording), 400 identity lists of each sort, and every two-hop pair, and each subject that is never
    /// described. The order and the wording depend on the atlas and
    /// <paramref name="seed"/> only.</summary>
    public IReadOnlyList<AtlasQuestion> All(ulong seed = 0)
    {
        return
        [
            .. Each(
                QuestionKind.Cloze, atlas.Facts.Where(fact => !IsToldInside(fact)), Tell(HeldOutFor(PhraseUse.Tell))),
            .. Each(QuestionKind.Paraphrase, atlas.Facts, Tell(PickFor(PhraseUse.TellHeldOut))),
            .. Each(QuestionKind.Question, atlas.Facts, Ask(HeldOutFor(PhraseUse.Ask))),
            .. Each(QuestionKind.QuestionParaphrase, atlas.Facts, Ask(PickFor(PhraseUse.AskHeldOut))),
            .. Each(QuestionKind.FewShot, atlas.Facts, FewShot),
            .. Each(QuestionKind.Identity, Enumerable.Range(0, IdentityLists), (random, _) => KnownItems(random)),
            .. Each(
                QuestionKind.IdentityUnknown,
                Enumerable.Range(0, IdentityLists),
                (random, _) => Identity(random, heldOut: true)),
            .. Each(QuestionKind.TwoHop, atlas.TwoHops.Where(HeldOut.Contains), Chain),
            .. Each(QuestionKind.TwoHopSeen, atlas.TwoHops.Where(pair => !HeldOut.Contains(pair)), Chain),
            .. Each(QuestionKind.TwoHopShuffled, atlas.TwoHops.Where(HeldOut.Contains).Where(HasOther), Shuffled),
            .. Each(
                QuestionKind.Family,
                atlas.Facts.Select(fact => (fact, told: FamilyTold(fact))).Where(one => one.told.Count > 0),
                (random, one) => TellOfFamily(random, one.fact, one.told)),
            .. Each(QuestionKind.FamilyQuestion, atlas.Facts, AskOfFamily),
            .. Each(
                QuestionKind.Description,
                atlas.Facts.Select(fact => fact.Subject).Distinct().Where(HeldOut.ContainsDescription),
                Describe),
        ];

        IEnumerable<AtlasQuestion> Each<T>(QuestionKind kind, IEnumerable<T> items, Func<StableRandom, T, Item> ask) =>
            items.Select((item, i) => ask(new StableRandom(StableHash.Of($"{seed}/{kind}/{i}")), item))
                .Select(item => new AtlasQuestion(
                    kind, item.Relation, item.Prompt, item.Answer, $"{item.Relation}: {item.Wording}", item.Fact, item.Bridge));
    }

    /// <summary>Up to a number of each kind of <see cref="All"/>, drawn at random.</summary>
    /// <param name="ofEachKind">How many.</param>
    public IReadOnlyList<AtlasQuestion> Some(int ofEachKind) =>
    [
        .. All().GroupBy(question => question.Kind).SelectMany(kind =>
            new StableRandom((ulong)kind.Key).Sample([.. kind], ofEachKind)),
    ];

    // "The name of the capital of Peru is Lima" holds "the capital of Peru is Lima".
    private bool IsToldInside(Fact fact)
    {
        var heldOut = Told(_wording.HeldOutPhrase(PhraseUse.Tell, fact), fact);
        return _wording.Phrases(PhraseUse.Tell, fact).Any(phrase => Told(phrase, fact).Contains(heldOut));
    }

    private Func<StableRandom, Fact, Template> HeldOutFor(PhraseUse use) =>
        (_, fact) => _wording.HeldOutPhrase(use, fact);

    private Func<StableRandom, Fact, Template> PickFor(PhraseUse use) =>
        (random, fact) => random.Pick(atlas.Phrases.For(fact.Relation.Key, use));

    private Func<StableRandom, Fact, Item> Tell(Func<StableRandom, Fact, Template> phrase) =>
        (random, fact) => Cloze(phrase(random, fact), fact, fact.Subject.Name, fact.Relation.Key);

    private Func<StableRandom, Fact, Item> Ask(Func<StableRandom, Fact, Template> phrase) =>
        (random, fact) => Asked(phrase(random, fact), fact, shots: []);

    private Item Asked(Template phrase, Fact fact, IEnumerable<Fact> shots) => new(
        fact.Relation.Key,
        string.Join('\n', shots.Select(shot => $"{Open(phrase, shot)} {shot.Label}").Append(Open(phrase, fact))),
        $" {fact.Label}",
        phrase.Text,
        fact);

    private Item Chain(StableRandom random, TwoHop pair)
    {
        var phrases = _wording.Phrases(PhraseUse.Tell, pair.Second).Where(phrase => phrase.EndsWith("o"));
        var cloze = Cloze(random.Pick([.. phrases]), pair.Second, _wording.Noun(random, pair.First), pair.Key);
        return cloze with { Bridge = pair.First };
    }

    // The same question with the answer of another pair of these relations: how often a guess among them is right.
    private Item Shuffled(StableRandom random, TwoHop pair) =>
        Chain(random, pair) with { Answer = $" {random.Pick(OtherEnds(pair))}" };

    private bool HasOther(TwoHop pair) => OtherEnds(pair).Count > 0;

    private IReadOnlyList<string> OtherEnds(TwoHop pair) =>
        [.. _chains[pair.Key].Select(other => other.Second.Value).Where(value => value != pair.Second.Value)];

    // A wording of a family never used, half of the clauses in a frame of a family never used.
    private Item TellOfFamily(StableRandom random, Fact fact, List<(GrammarUse, Template)> told)
    {
        var (use, phrase) = random.Pick(told);
        var item = Cloze(phrase, fact, fact.Subject.Name, fact.Relation.Key) with { Wording = FamilyOf(use, phrase, fact) };
        if (use != GrammarUse.Tell || !random.Chance(0.5))
        {
            return item;
        }

        var framed = random.Pick(atlas.Grammar.Frames(heldOut: true)).Fill(_ => Told(phrase, fact))!;
        return item with { Prompt = English.Capitalize(framed[..^(fact.Value.Length + 1)]) };
    }

    private Item AskOfFamily(StableRandom random, Fact fact)
    {
        var phrase = random.Pick(atlas.Grammar.For(fact.Relation.Key, GrammarUse.Ask, heldOut: true));
        return Asked(phrase, fact, shots: []) with { Wording = FamilyOf(GrammarUse.Ask, phrase, fact) };
    }

    private string FamilyOf(GrammarUse use, Template phrase, Fact fact) =>
        atlas.Grammar.FamilyOf(fact.Relation.Key, use, phrase);

    // What ends with the value, has no other value in it, and is not part of a wording that training uses.
    private List<(GrammarUse, Template)> FamilyTold(Fact fact)
    {
        var key = fact.Relation.Key;
        GrammarUse[] uses = [GrammarUse.Tell, GrammarUse.Line];
        string[] trained =
        [
            .. atlas.Phrases.For(key, PhraseUse.Tell).Concat(uses.Append(GrammarUse.Verb).SelectMany(use => atlas.Grammar.For(key, use, heldOut: false)))
                .Where(phrase => !phrase.Paths.Contains("w")).Select(phrase => Told(phrase, fact).ToLowerInvariant()),
        ];
        return
        [
            .. uses.SelectMany(use => atlas.Grammar.For(key, use, heldOut: true).Select(phrase => (use, phrase)))
                .Where(told => told.phrase.EndsWith("o") && !told.phrase.Paths.Contains("w"))
                .Where(told => Told(told.phrase, fact).ToLowerInvariant() is var text && !trained.Any(other => other.Contains(text, StringComparison.Ordinal))),
        ];
    }

    private string Told(Template phrase, Fact fact) => _wording.Fill(phrase, fact, fact.Subject.Name, fact.Value);

    // Three subjects of other kinds that training describes, then one that it never does: its kind is the answer.
    private Item Describe(StableRandom random, Subject subject)
    {
        var shots = random.Shuffled([.. _described.Where(other => other.Kind != subject.Kind)]).DistinctBy(other => other.Kind).Take(3);
        var lines = shots.Select(shot => DescribedWriter.KindFirst(atlas, random, shot));
        return new(
            subject.Kind,
            $"{string.Join(", ", lines)}, {English.Capitalize(subject.Label)}:",
            $" {English.Capitalize(subject.Kind)}",
            "description");
    }

    // A clause that ends with the value, cut off before it.
    private Item Cloze(Template phrase, Fact fact, string subject, string relation)
    {
        var clause = _wording.Fill(phrase, fact, subject, fact.Value);
        return new(relation, English.Capitalize(clause[..^(fact.Value.Length + 1)]), $" {fact.Value}", phrase.Text, fact);
    }

    private Item FewShot(StableRandom random, Fact fact)
    {
        var phrase = _wording.HeldOutPhrase(PhraseUse.Ask, fact);
        var others = atlas.FactsIn(fact.Relation)
            .Where(other => other != fact && _wording.HeldOutPhrase(PhraseUse.Ask, other) != phrase);
        return Asked(phrase, fact, random.Sample([.. others], 2));
    }

    // The question without its answer.
    private string Open(Template question, Fact fact) =>
        $"Q: {English.Capitalize(_wording.Fill(question, fact, fact.Subject.Name, fact.Value))}\nA:";

    // A list that training never shows, of items that it shows in others.
    private Item KnownItems(StableRandom random)
    {
        while (true)
        {
            var item = Identity(random, heldOut: false);
            if (HeldOut.Contains(item.Prompt + item.Answer))
            {
                return item;
            }
        }
    }

    private Item Identity(StableRandom random, bool heldOut)
    {
        var items = _identity.Draw(random, 4, heldOut);
        var (form, arrow, separator) = random.Chance(0.5) ? ("x -> x", " -> ", "\n") : ("x->x;", "->", ";");
        var text = IdentityWriter.List(items, arrow, separator);
        var answer = arrow.EndsWith(' ') ? $" {items[^1]}" : items[^1];
        return new(form, text[..^answer.Length], answer, form);
    }
}

/// <summary>A prompt and how it must go on.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Relation">The relation's key, both keys of a two-hop pair, or the form of an identity list.</param>
/// <param name="Prompt">The text before the answer; it does not end with a space.</param>
/// <param name="Answer">The text that comes right after, with its leading space where there is one.</param>
/// <param name="Wording">The relation and the phrase that asks, or the form of an identity list: what questions share that are
/// right or wrong together.</param>
/// <param name="Fact">The fact whose value is the answer; null for an identity list.</param>
/// <param name="Bridge">The first fact of a two-hop pair, whose value is the subject of the other; else null.</param>
internal sealed record AtlasQuestion(
    QuestionKind Kind, string Relation, string Prompt, string Answer, string Wording, Fact? Fact, Fact? Bridge);

/// <summary>What a question about the atlas asks of a model.</summary>
internal enum QuestionKind
{
    /// <summary>A fact in words that the corpus uses for other facts and never for this one, up to the value.</summary>
    Cloze,

    /// <summary>A fact in words that training never sees, up to the value.</summary>
    Paraphrase,

    /// <summary>A fact asked for as "Q: ... A:", in words that the corpus uses for other facts and never for this
    /// one.</summary>
    Question,

    /// <summary>A fact asked for as "Q: ... A:", in words that training never sees.</summary>
    QuestionParaphrase,

    /// <summary>Two questions with answers and a third without, in words that the corpus never uses for the third
    /// fact.</summary>
    FewShot,

    /// <summary>An identity list that is not in the training corpus, of items that are in other lists.</summary>
    Identity,

    /// <summary>An identity list whose items are in no list of the training corpus.</summary>
    IdentityUnknown,

    /// <summary>A chain of two facts that training never sees together.</summary>
    TwoHop,

    /// <summary>A chain of two facts that is in the training corpus: what <see cref="TwoHop"/> is compared
    /// with.</summary>
    TwoHopSeen,

    /// <summary>As <see cref="TwoHop"/>, and another pair's end counts as the answer: what guessing among the ends
    /// gives.</summary>
    TwoHopShuffled,

    /// <summary>A fact in a core and a frame of families that training never uses.</summary>
    Family,

    /// <summary>A fact asked for in words of a family that training never uses.</summary>
    FamilyQuestion,

    /// <summary>What a subject is that a corpus with the grammar never describes: its kind's word.</summary>
    Description,
}
