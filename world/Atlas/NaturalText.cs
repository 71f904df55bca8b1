using System.Security.Cryptography;
using System.Text.Json;

namespace Logitscope.World;

/// <summary>Natural text for the corpus, from a folder that <c>eng/gather-corpora.sh</c> fills: one jsonl file a
/// source, and the folder <c>held-out</c> with the documents that are kept for evaluation.</summary>
internal sealed class NaturalText
{
    private readonly IReadOnlyList<(NaturalSource Source, IReadOnlyList<string> Passages)> _sources;

    private NaturalText(string folder, NaturalMix mix)
    {
        var kept = new ShingleSet(mix.HeldOut
            .SelectMany(file => Documents(HeldOutFile(folder, file.Key), file.Value))
            .Select(document => document.Text));
        _sources =
        [
            .. mix.Sources.Select(source => (source, Cut(Path.Combine(folder, $"{source.Name}.jsonl"), source, kept))),
        ];
    }

    /// <summary>Reads the sources, and cuts them into passages of at most 1,200 characters, in plain ASCII punctuation,
    /// at the ends of paragraphs or sentences. What overlaps a held-out document is left out.</summary>
    /// <param name="folder">The corpora.</param>
    /// <param name="mix">Which of them.</param>
    /// <exception cref="AtlasException">A file is absent, is not the one that the mix names, holds no text, or has a
    /// row without text.</exception>
    public static NaturalText Load(string folder, NaturalMix mix) => new(folder, mix);

    /// <summary>The first passage of each document of a mix's first collection that is kept for evaluation.</summary>
    /// <param name="folder">The corpora.</param>
    /// <param name="mix">Which of them.</param>
    /// <exception cref="AtlasException">The file is absent, is not the one that the mix names, or has a row without
    /// text.</exception>
    public static IReadOnlyList<HeldOutPassage> HeldOut(string folder, NaturalMix mix)
    {
        var (name, sha256) = mix.HeldOut.First();
        return
        [
            .. from document in Documents(HeldOutFile(folder, name), sha256)
               from passage in PassageCutter.Cut(document.Text).Take(1)
               select new HeldOutPassage(document.Source ?? name, passage),
        ];
    }

    /// <summary>An endless stream of passages. A source that is used up begins again in another order.</summary>
    /// <param name="seed">Decides the order.</param>
    public IEnumerable<string> Passages(ulong seed)
    {
        var streams = _sources.ToDictionary(
            source => source.Source, source => Endless(source.Source, source.Passages, seed).GetEnumerator());
        var schedule = new ShareSchedule<NaturalSource>(
            _sources.Select(source => (source.Source, source.Source.Share)));
        while (true)
        {
            var source = schedule.Next();
            streams[source].MoveNext();
            var passage = streams[source].Current;
            schedule.Add(source, passage.Length);
            yield return passage;
        }
    }

    private static IEnumerable<string> Endless(NaturalSource source, IReadOnlyList<string> passages, ulong seed)
    {
        for (var round = 0; ; round++)
        {
            foreach (var passage in new StableRandom(StableHash.Of($"{seed}/{source.Name}/{round}")).Shuffled(passages))
            {
                yield return passage;
            }
        }
    }

    private static string[] Cut(string path, NaturalSource source, ShingleSet kept)
    {
        string[] passages =
        [
            .. Documents(path, source.Sha256).SelectMany(document => PassageCutter.Cut(document.Text))
                .Where(passage => !kept.Overlaps(passage)),
        ];
        return passages.Length > 0
            ? passages
            : throw new AtlasException($"{path}: expected text that is not held out, got none.");
    }

    private static string HeldOutFile(string folder, string name) => Path.Combine(folder, "held-out", $"{name}.jsonl");

    private static IEnumerable<(string Text, string? Source)> Documents(string path, string sha256)
    {
        if (!File.Exists(path))
        {
            throw new AtlasException($"There is no natural text '{path}': eng/gather-corpora.sh fills the folder.");
        }

        using var file = File.OpenRead(path);
        var got = Convert.ToHexStringLower(SHA256.HashData(file));
        return got == sha256
            ? File.ReadLines(path).Select((line, i) => Parse(line, $"{path}, line {i + 1}"))
            : throw new AtlasException($"{path}: expected the file with sha256 {sha256}, got {got}.");
    }

    private static (string Text, string? Source) Parse(string line, string where)
    {
        try
        {
            using var row = JsonDocument.Parse(line);
            var text = row.RootElement.GetProperty("text").GetString() ?? throw new JsonException("The text is null.");
            var source = row.RootElement.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object
                && meta.TryGetProperty("source", out var name)
                ? name.GetString()
                : null;
            return (text, source);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new AtlasException($"{where}: expected a JSON object with a string \"text\".", error);
        }
    }
}

/// <summary>The natural text of a corpus.</summary>
/// <param name="Share">Its share of all characters, in [0, 1).</param>
/// <param name="Sources">The collections that it is drawn from.</param>
/// <param name="HeldOut">Collections kept for evaluation, <c>held-out/NAME.jsonl</c>, with their sha256: no passage
/// shares eight words in a row with one of their texts.</param>
internal sealed record NaturalMix(
    double Share, IReadOnlyList<NaturalSource> Sources, IReadOnlyDictionary<string, string> HeldOut);

/// <summary>A collection of natural text: the file <c>NAME.jsonl</c> of a corpora folder, with a string <c>text</c> in
/// each row.</summary>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="Share">Its share of the natural characters, relative to the other sources.</param>
/// <param name="Origin">Where anyone can get it.</param>
/// <param name="Licence">Under what terms.</param>
/// <param name="Sha256">Of the file, in small hexadecimal digits.</param>
internal sealed record NaturalSource(string Name, double Share, string Origin, string Licence, string Sha256);

/// <summary>Natural text that no training sees.</summary>
/// <param name="Source">The collection that its document was drawn from, as its row says in <c>meta.source</c>.</param>
/// <param name="Text">The passage.</param>
internal sealed record HeldOutPassage(string Source, string Text);
