using System.Text.Json;

namespace Logitscope.World;

/// <summary>What techniques ask about the atlas, in files that the library reads: <c>data/two-hops.jsonl</c> and <c>data/entities.jsonl</c>.</summary>
internal static class AtlasTasks
{
    private static readonly string[] s_named = ["country", "city", "company", "product", "person", "landmark", "food", "work"];

    /// <summary>Every chain that training never tells, where both nouns end with their subject: "the company that makes" "Barbie".</summary>
    public static IEnumerable<TwoHopQuestion> TwoHops(Atlas atlas) =>
        from pair in atlas.TwoHops
        where HeldOut.Contains(pair)
        let first = Noun(atlas, pair.First, pair.First.Subject.Name)
        let second = Noun(atlas, pair.Second, "")
        where first is not null && second is not null
        select new TwoHopQuestion(pair.First.Subject.Name, first, English.Capitalize(second.Trim()), pair.First.Value, pair.Second.Value);

    /// <summary>Every subject with a name of its own, and what the atlas calls it.</summary>
    public static IEnumerable<Entity> Entities(Atlas atlas) =>
        from kind in s_named
        from subject in atlas.SubjectsOf(kind)
        let described = atlas.Phrases.For(kind, PhraseUse.Describe).Select(phrase => phrase.Fill(path => atlas.Value(subject, path["s.".Length..]))).OfType<string>()
        where described.Any()
        select new Entity(English.Capitalize(subject.Label), [.. described]) { Kind = kind };

    /// <summary>Writes rows, one JSON object a line.</summary>
    public static void Write<T>(TextWriter output, IEnumerable<T> rows)
    {
        foreach (var row in rows)
        {
            output.Write(JsonSerializer.Serialize(row, AtlasPrompts.Rows));
            output.Write('\n');
        }
    }

    private static string? Noun(Atlas atlas, Fact fact, string subject) =>
        atlas.Phrases.For(fact.Relation.Key, PhraseUse.Noun).FirstOrDefault(phrase => phrase.EndsWith("s") && phrase.Text.EndsWith("{s}", StringComparison.Ordinal))
            ?.Fill(path => path == "s" ? subject : null);
}
