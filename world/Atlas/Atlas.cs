namespace Logitscope.World;

/// <summary>A small world of real facts and the words to tell of them, read from a folder (in this repository
/// <c>data/atlas</c>, whose README.md describes the files). <see cref="Generate"/> writes a training corpus out of it;
/// <see cref="AtlasQuestions"/> asks a trained model about it.</summary>
internal sealed class Atlas
{
    private readonly Dictionary<string, FactTable> _tables;
    private readonly Dictionary<string, Relation> _relations;
    private readonly ILookup<string, Fact> _byRelation;
    private readonly ILookup<Subject, Fact> _bySubject;
    private readonly ILookup<(string Relation, string Value), Fact> _byValue;

    private Atlas(string folder)
    {
        var facts = Path.Combine(folder, "facts");
        if (!Directory.Exists(facts))
        {
            throw new AtlasException($"Expected an atlas with a folder of fact tables, but there is no '{facts}'.");
        }

        _tables = Directory.GetFiles(facts, "*.tsv").Order(StringComparer.Ordinal)
            .Select(FactTable.Read).ToDictionary(table => table.Kind);
        _relations = _tables.Values.SelectMany(table => table.Relations).ToDictionary(relation => relation.Key);
        Facts = [.. _tables.Values.SelectMany(FactsOf)];
        _byRelation = Facts.ToLookup(fact => fact.Relation.Key);
        _bySubject = Facts.ToLookup(fact => fact.Subject);
        _byValue = Facts.ToLookup(fact => (fact.Relation.Key, fact.Value));
        TwoHops = [.. Facts.Where(fact => fact.Relation.Target is not null).SelectMany(ChainsFrom)];
        Phrases = Phrasebook.Read(Path.Combine(folder, "phrases.tsv"), _relations.Keys, _tables.Keys);
        Grammar = Grammar.Read(Path.Combine(folder, "grammar.tsv"), _relations.Keys, _tables.Keys);
        Words = WordLists.Read(Path.Combine(folder, "words.tsv"));
        Stories = StoryBook.Read(Path.Combine(folder, "stories.tsv"));
    }

    /// <summary>Every fact, table by table.</summary>
    public IReadOnlyList<Fact> Facts { get; }

    /// <summary>Every relation, in the order of the tables.</summary>
    public IEnumerable<Relation> Relations => _relations.Values;

    /// <summary>Every pair of facts that makes a chain, both those in training and those held out.</summary>
    public IReadOnlyList<TwoHop> TwoHops { get; }

    internal Phrasebook Phrases { get; }

    internal Grammar Grammar { get; }

    internal WordLists Words { get; }

    internal StoryBook Stories { get; }

    /// <summary>Reads an atlas.</summary>
    /// <exception cref="AtlasException">A file is absent or malformed; a cell of a linking column names no subject of
    /// the table that it links to.</exception>
    public static Atlas Load(string folder) => new(folder);

    /// <summary>An endless corpus, the same for the same atlas, seed and options, byte for byte. It ends only where
    /// <paramref name="natural"/> does.</summary>
    /// <param name="seed">Any number. Training and held-out corpora are disjoint even with the same seed.</param>
    /// <param name="options">What to write; the defaults are those of the embedded model's training.</param>
    /// <param name="natural">Natural text to mix in, as <see cref="NaturalText"/> reads it, at
    /// <see cref="AtlasOptions.NaturalShare"/>.</param>
    public IEnumerable<AtlasDocument> Generate(
        ulong seed, AtlasOptions? options = null, IEnumerable<string>? natural = null) =>
        new DocumentStream(this, options ?? new AtlasOptions()).Write(seed, natural);

    /// <summary>The facts of a relation.</summary>
    public IReadOnlyList<Fact> FactsIn(Relation relation) => [.. _byRelation[relation.Key]];

    /// <summary>The facts about a subject.</summary>
    public IReadOnlyList<Fact> FactsAbout(Subject subject) => [.. _bySubject[subject]];

    /// <summary>The facts that share this fact's relation and value, itself included. Where it is alone, the question
    /// can be asked the other way round.</summary>
    public IReadOnlyList<Fact> FactsLike(Fact fact) => [.. _byValue[(fact.Relation.Key, fact.Value)]];

    /// <summary>The subjects of a kind.</summary>
    /// <exception cref="AtlasException">There is no such kind.</exception>
    internal IReadOnlyList<Subject> SubjectsOf(string kind) =>
        _tables.TryGetValue(kind, out var table)
            ? table.Subjects
            : throw new AtlasException($"Expected one of {string.Join(", ", _tables.Keys)}, got '{kind}'.");

    internal bool HasKind(string kind) => _tables.ContainsKey(kind);

    /// <summary>The value at the end of a path of columns, as <c>country.adjective</c>, or null where a column on the
    /// way is empty.</summary>
    internal string? Value(Subject subject, string path)
    {
        var dot = path.IndexOf('.');
        if (dot < 0)
        {
            return subject[path];
        }

        var column = path[..dot];
        return subject[column] is { } name
            ? Value(Follow(_relations[$"{subject.Kind}.{column}"], name), path[(dot + 1)..])
            : null;
    }

    private Subject Follow(Relation relation, string name) =>
        _tables.GetValueOrDefault(relation.Target!)?.Find(name)
        ?? throw new AtlasException($"{relation.Key}: expected a subject of {relation.Target}.tsv, got '{name}'.");

    private static IEnumerable<Fact> FactsOf(FactTable table) => table.Relations.SelectMany(relation => table.Subjects
        .Where(subject => subject[relation.Column] is not null)
        .Select(subject => new Fact(relation, subject, subject[relation.Column]!)));

    private IEnumerable<TwoHop> ChainsFrom(Fact first) =>
        _bySubject[Follow(first.Relation, first.Value)].Select(second => new TwoHop(first, second));
}

/// <summary>A file of the atlas, or of the natural text beside it, does not say what it must. The message names the
/// file and the line.</summary>
internal sealed class AtlasException(string message, Exception? inner = null) : LogitscopeException(message, inner);
