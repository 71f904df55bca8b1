namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Question"/>.</summary>
internal sealed class QuestionWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    public string Write(StableRandom random)
    {
        var fact = random.Pick(atlas.Facts);
        return QuestionForms.Write(random, atlas.Words, wording.Question(random, fact), fact.Value);
    }
}

/// <summary><see cref="DocumentKind.Reversed"/>, for the facts whose value belongs to one subject only.</summary>
internal sealed class ReversedWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    private readonly Fact[] _facts = [.. atlas.Facts
        .Where(fact => wording.Has(fact, PhraseUse.Back) && atlas.FactsLike(fact).Count == 1)];

    public string Write(StableRandom random)
    {
        var fact = random.Pick(_facts);
        var question = English.Capitalize(wording.Say(random, PhraseUse.Back, fact, fact.Subject.Name));
        return QuestionForms.Write(random, atlas.Words, question, fact.Subject.Name);
    }
}

/// <summary><see cref="DocumentKind.Blank"/>: "? is the capital of Poland. Answer: Warsaw". The subject is asked for
/// only where it is the only one with that value.</summary>
internal sealed class BlankWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    private const string Blank = "?";

    public string Write(StableRandom random)
    {
        var fact = random.Pick(atlas.Facts);
        var phrase = random.Pick(wording.Phrases(PhraseUse.Tell, fact));
        var askSubject = random.Chance(0.5) && atlas.FactsLike(fact).Count == 1;
        var clause = askSubject
            ? wording.Fill(phrase, fact, Blank, fact.Value)
            : wording.Fill(phrase, fact, fact.Subject.Name, Blank);
        var answer = askSubject ? fact.Subject.Label : fact.Label;
        return $"{English.Capitalize(clause)}. {random.Pick(["Answer", "The missing word"])}: {answer}";
    }
}

/// <summary><see cref="DocumentKind.TwoHop"/>: "The CEO of the company that makes the iPhone is Tim Cook."</summary>
internal sealed class TwoHopWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    private readonly TwoHop[] _pairs = [.. atlas.TwoHops.Where(pair => !HeldOut.Contains(pair))];

    public string Write(StableRandom random)
    {
        var pair = random.Pick(_pairs);
        var bridge = wording.Noun(random, pair.First);
        return random.Next(10) switch
        {
            < 5 => wording.Sentence(random, Tell(random, pair, bridge)),
            < 8 => QuestionForms.Write(random, atlas.Words, Ask(random, pair, bridge), pair.Second.Value),
            _ => Reasoned(random, pair, bridge),
        };
    }

    private string Tell(StableRandom random, TwoHop pair, string bridge) =>
        wording.Say(random, PhraseUse.Tell, pair.Second, bridge);

    private string Ask(StableRandom random, TwoHop pair, string bridge) =>
        English.Capitalize(wording.Say(random, PhraseUse.Ask, pair.Second, bridge));

    private string Reasoned(StableRandom random, TwoHop pair, string bridge)
    {
        var first = English.Sentence(wording.Clause(random, pair.First));
        var second = English.Sentence(wording.Clause(random, pair.Second));
        return $"{first} {second} So {Tell(random, pair, bridge)}.";
    }
}

/// <summary><see cref="DocumentKind.FewShot"/>: mostly of one relation, which the last answer can be guessed
/// from.</summary>
internal sealed class FewShotWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    private const double MixedChance = 0.15;

    public string Write(StableRandom random)
    {
        var count = random.Between(2, 7);
        if (random.Chance(MixedChance))
        {
            return Questions(random, random.Sample(atlas.Facts, count), fact => wording.Question(random, fact));
        }

        var relation = random.Pick(atlas.Facts).Relation;
        if (random.Chance(0.25))
        {
            var pairs = random.Sample(atlas.FactsIn(relation), count);
            return string.Join('\n', pairs.Select(fact => $"{fact.Subject.Label}: {fact.Label}"));
        }

        var question = random.Pick(atlas.Phrases.For(relation.Key, PhraseUse.Ask));
        var facts = atlas.FactsIn(relation).Where(fact => wording.Phrases(PhraseUse.Ask, fact).Contains(question));
        return Questions(random, random.Sample([.. facts], count), fact => Ask(question, fact));
    }

    private string Ask(Template question, Fact fact) =>
        English.Capitalize(wording.Fill(question, fact, fact.Subject.Name, fact.Value));

    private static string Questions(StableRandom random, IReadOnlyList<Fact> facts, Func<Fact, string> ask)
    {
        var form = random.Next(10);
        return string.Join('\n', facts.Select(fact => form switch
        {
            < 7 => $"Q: {ask(fact)}\nA: {fact.Label}",
            < 9 => $"Question: {ask(fact)}\nAnswer: {fact.Label}",
            _ => $"{ask(fact)} {English.Capitalize(fact.Value)}.",
        }));
    }
}

/// <summary>The ways to set a question and its answer: a name, as in running text or as a label.</summary>
internal static class QuestionForms
{
    public static string Write(StableRandom random, WordLists words, string question, string name) =>
        random.Next(20) switch
        {
            < 9 => $"Q: {question}\nA: {English.Label(name)}",
            < 12 => $"Question: {question}\nAnswer: {English.Label(name)}",
            < 15 => $"{question} {English.Capitalize(name)}.",
            < 17 => $"{question}\n{English.Capitalize(name)}",
            _ => Dialogue(random, words, question, name),
        };

    private static string Dialogue(StableRandom random, WordLists words, string question, string name)
    {
        var names = random.Sample([.. words["she"], .. words["he"]], 2);
        return $"\"{question}\" asked {names[0]}. \"{English.Capitalize(name)},\" said {names[1]}.";
    }
}
