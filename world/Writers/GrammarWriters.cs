namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Told"/>.</summary>
internal sealed class ToldWriter(Atlas atlas) : IDocumentWriter
{
    private const double FrameChance = 0.35;

    public string Write(StableRandom random) => string.Join(
        random.Chance(0.5) ? " " : "\n",
        random.Sample(atlas.Facts, random.Between(1, 4)).Select(fact => One(random, fact)));

    private string One(StableRandom random, Fact fact)
    {
        var use = random.Next(10) switch { < 4 => GrammarUse.Verb, < 7 => GrammarUse.Tell, _ => GrammarUse.Line };
        var text = GrammarText.Fill(atlas, random, random.Pick(atlas.Grammar.For(fact.Relation.Key, use, heldOut: false)), fact);
        var framed = use != GrammarUse.Line && random.Chance(FrameChance)
            ? random.Pick(atlas.Grammar.Frames(heldOut: false)).Fill(_ => text)!
            : text;
        return English.Sentence(framed) + (text.Count(letter => letter == '"') % 2 == 1 ? "\"" : "");
    }
}

/// <summary><see cref="DocumentKind.Asked"/>: alone, and as examples of one relation and wording.</summary>
internal sealed class AskedWriter(Atlas atlas) : IDocumentWriter
{
    public string Write(StableRandom random)
    {
        var relation = random.Pick(atlas.Facts).Relation;
        var question = random.Pick(atlas.Grammar.For(relation.Key, GrammarUse.Ask, heldOut: false));
        var (before, between, after) = random.Next(10) switch
        {
            < 6 => ("Q: ", "\nA: ", ""),
            < 8 => ("Question: ", "\nAnswer: ", ""),
            _ => ("", " ", "."),
        };
        var facts = random.Sample(atlas.FactsIn(relation), random.Chance(0.4) ? 1 : random.Between(2, 6));
        return string.Join('\n', facts.Select(fact =>
            $"{before}{English.Capitalize(GrammarText.Fill(atlas, random, question, fact))}{between}{fact.Label}{after}"));
    }
}

/// <summary><see cref="DocumentKind.Described"/>, in the form of the entity-description prompt of the Patchscopes paper
/// (arXiv 2401.06102): half of the documents with the kind's word first.</summary>
internal sealed class DescribedWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    private readonly Subject[] _subjects =
        [.. atlas.Facts.Select(fact => fact.Subject).Where(subject => !HeldOut.ContainsDescription(subject))];

    public string Write(StableRandom random)
    {
        var kindFirst = random.Chance(0.5);
        var separator = random.Next(10) switch { < 7 => ", ", < 9 => "\n", _ => "; " };
        return string.Join(separator, random.Sample(_subjects, random.Between(2, 6)).Distinct()
            .Select(subject => kindFirst
                ? KindFirst(atlas, random, subject)
                : Line(subject, wording.Describe(random, subject))));
    }

    /// <summary>"Syria: Country in the Middle East".</summary>
    public static string KindFirst(Atlas atlas, StableRandom random, Subject subject)
    {
        var descriptions = atlas.Grammar.Descriptions(subject.Kind)
            .Select(phrase => phrase.Fill(path => atlas.Value(subject, path["s.".Length..]))).OfType<string>().ToArray();
        return Line(subject, descriptions.Length > 0 ? random.Pick(descriptions) : subject.Kind);
    }

    private static string Line(Subject subject, string description) =>
        $"{English.Capitalize(subject.Label)}: {English.Capitalize(description)}";
}

/// <summary><see cref="DocumentKind.Copied"/>: identity lists over any words, numbers, names and rare strings.</summary>
internal sealed class CopiedWriter(Atlas atlas) : IDocumentWriter
{
    private static readonly string[] s_arrows = [" -> ", "->", " => ", "=>", ": ", " = ", "=", " - ", " : ", " | "];
    private static readonly string[] s_separators = ["\n", "; ", ";", ", ", " ", "\n\n", " / "];

    private readonly string[] _words =
    [
        .. atlas.Stories.Stories.SelectMany(story => story).SelectMany(beat => beat).Select(beat => beat.Text)
            .Concat(atlas.Facts.SelectMany(fact => new[] { fact.Label, fact.Subject.Label }))
            .Concat(atlas.Words["common"])
            .SelectMany(text => text.Split([' ', '.', ',', '!', '?', '"', '{', '}'], StringSplitOptions.RemoveEmptyEntries))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    private readonly string[] _names = [.. atlas.Facts.Select(fact => fact.Subject.Label).Distinct()];

    public string Write(StableRandom random)
    {
        var (arrow, separator) = random.Chance(0.5)
            ? (" -> ", "\n")
            : (random.Pick(s_arrows), random.Pick(s_separators));
        return IdentityWriter.List(Draw(random, random.Between(2, 8)), arrow, separator);
    }

    private List<string> Draw(StableRandom random, int count)
    {
        var items = new List<string>(count);
        while (items.Count < count)
        {
            var item = DrawOne(random);
            if (!HeldOut.ContainsItem(item) && !items.Contains(item))
            {
                items.Add(item);
            }
        }

        return items;
    }

    private string DrawOne(StableRandom random) => random.Next(20) switch
    {
        < 12 => random.Pick(_words),
        < 14 => random.Pick(_names),
        < 16 => $"{random.Next(random.Pick([10, 100, 1000, 10_000, 1_000_000]))}",
        < 17 => English.Capitalize(random.Pick(_words)),
        _ => string.Concat(Enumerable.Range(0, random.Between(1, 7)).Select(_ => (char)('a' + random.Next(26)))),
    };
}

/// <summary>Fills wordings of the grammar.</summary>
internal static class GrammarText
{
    /// <summary>A wording with the fact's subject and value; <c>{w}</c> is another value of the relation.</summary>
    public static string Fill(Atlas atlas, StableRandom random, Template text, Fact fact)
    {
        var wrong = text.Paths.Contains("w") ? random.Pick([.. Others()]) : null;
        return text.Fill(path => path switch { "s" => fact.Subject.Name, "o" => fact.Value, "w" => wrong, _ => null })
            ?? throw new AtlasException($"grammar.tsv: no slot but s, o and w in a wording, got '{text.Text}'.");

        IEnumerable<string> Others() =>
            atlas.FactsIn(fact.Relation).Select(other => other.Value).Where(value => value != fact.Value).Distinct();
    }
}
