using System.Text.Json;

namespace Logitscope.Datasets.Atlas;

/// <summary>Natural text for the corpus, from a folder that <c>eng/gather-corpora.sh</c> fills: one jsonl file a
/// source, and the folder <c>held-out</c> with the documents that are kept for evaluation.</summary>
public static class NaturalText
{
    /// <summary>Simple prose first: a small model learns more from it. All are in the public domain in the United
    /// States or under a permissive licence; data/atlas/README.md names their origins.</summary>
    public static IReadOnlyList<NaturalSource> DefaultSources { get; } =
    [
        new("novels", 0.68),
        new("tinystories_1000", 0.18),
        new("state_union", 0.09),
        new("pubmed_abstracts", 0.05),
    ];

    /// <summary>An endless stream of passages of at most 1,200 characters, in plain ASCII punctuation, cut at the ends
    /// of paragraphs or sentences. A source that is used up begins again in another order. No passage shares eight
    /// words in a row with a held-out document.</summary>
    /// <exception cref="AtlasException">A source or the folder <c>held-out</c> is absent, holds no text, or has a row
    /// without text; raised on the first passage.</exception>
    public static IEnumerable<string> Read(string folder, ulong seed, IReadOnlyList<NaturalSource>? sources = null)
    {
        sources ??= DefaultSources;
        var heldOut = Path.Combine(folder, "held-out");
        if (!Directory.Exists(heldOut))
        {
            throw new AtlasException($"Expected the documents kept for evaluation in '{heldOut}', but it is absent.");
        }

        var kept = new ShingleSet(
            Directory.GetFiles(heldOut, "*.jsonl").Order(StringComparer.Ordinal).SelectMany(Texts));
        var streams = sources.ToDictionary(
            source => source.Name, source => Endless(folder, source.Name, kept, seed).GetEnumerator());
        var schedule = new ShareSchedule<string>(sources.Select(source => (source.Name, source.Share)));
        while (true)
        {
            var name = schedule.Next();
            streams[name].MoveNext();
            var passage = streams[name].Current;
            schedule.Add(name, passage.Length);
            yield return passage;
        }
    }

    private static IEnumerable<string> Endless(string folder, string name, ShingleSet kept, ulong seed)
    {
        var path = Path.Combine(folder, $"{name}.jsonl");
        var passages = Texts(path).SelectMany(Passages.Cut).Where(passage => !kept.Overlaps(passage)).ToArray();
        if (passages.Length == 0)
        {
            throw new AtlasException($"{path}: expected text that is not held out, got none.");
        }

        for (var round = 0; ; round++)
        {
            var random = new StableRandom(StableHash.Of($"{seed}/{name}/{round}"));
            foreach (var passage in random.Shuffled(passages))
            {
                yield return passage;
            }
        }
    }

    private static IEnumerable<string> Texts(string path)
    {
        if (!File.Exists(path))
        {
            throw new AtlasException($"There is no natural text '{path}'.");
        }

        return File.ReadLines(path).Select((line, i) => Text(line, $"{path}, line {i + 1}"));
    }

    private static string Text(string line, string where)
    {
        try
        {
            using var row = JsonDocument.Parse(line);
            return row.RootElement.GetProperty("text").GetString() ?? throw new JsonException("The text is null.");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new AtlasException($"{where}: expected a JSON object with a string \"text\".", error);
        }
    }
}
