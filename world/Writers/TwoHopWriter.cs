namespace Logitscope.World;

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
