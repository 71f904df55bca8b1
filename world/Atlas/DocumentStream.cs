namespace Logitscope.World;

/// <summary>Decides which kind of document comes next, and asks its writer for one.</summary>
/// <remarks>Each document has a random stream of its own, seeded with the corpus' seed and its kind and number: a
/// change to one writer leaves the other kinds as they were.</remarks>
internal sealed class DocumentStream
{
    private readonly AtlasOptions _options;
    private readonly Dictionary<DocumentKind, IDocumentWriter> _writers;

    public DocumentStream(Atlas atlas, AtlasOptions options)
    {
        if (options.NaturalShare is not (>= 0 and < 1))
        {
            throw new AtlasException($"Expected a share of natural text in [0, 1), got {options.NaturalShare}.");
        }

        if (options.Shares.Count == 0 || !options.Shares.Values.All(share => share > 0 && double.IsFinite(share)))
        {
            throw new AtlasException("Expected shares of document kinds above 0, and at least one of them.");
        }

        if (options.Shares.ContainsKey(DocumentKind.Natural))
        {
            throw new AtlasException("The share of natural text is set by NaturalShare, not among Shares.");
        }

        var wording = new Wording(atlas);
        _options = options;
        _writers = new Dictionary<DocumentKind, IDocumentWriter>
        {
            [DocumentKind.Statement] = new StatementWriter(atlas, wording),
            [DocumentKind.Passage] = new PassageWriter(atlas, wording),
            [DocumentKind.Question] = new QuestionWriter(atlas, wording),
            [DocumentKind.FewShot] = new FewShotWriter(atlas, wording),
            [DocumentKind.Description] = new DescriptionWriter(atlas, wording),
            [DocumentKind.Identity] = new IdentityWriter(atlas),
            [DocumentKind.TwoHop] = new TwoHopWriter(atlas, wording),
            [DocumentKind.Reversed] = new ReversedWriter(atlas, wording),
            [DocumentKind.Contrast] = new ContrastWriter(atlas, wording),
            [DocumentKind.Category] = new CategoryWriter(atlas, wording),
            [DocumentKind.Sequence] = new SequenceWriter(atlas.Words),
            [DocumentKind.Blank] = new BlankWriter(atlas, wording),
            [DocumentKind.Story] = new StoryWriter(atlas),
            [DocumentKind.Told] = new ToldWriter(atlas),
            [DocumentKind.Asked] = new AskedWriter(atlas),
            [DocumentKind.Described] = new DescribedWriter(atlas, wording),
            [DocumentKind.Copied] = new CopiedWriter(atlas),
        };
    }

    public IEnumerable<AtlasDocument> Write(ulong seed, IEnumerable<string>? natural)
    {
        using var naturalTexts = natural?.GetEnumerator();
        var schedule = new ShareSchedule<DocumentKind>(Shares(naturalTexts is not null));
        var numbers = _writers.Keys.ToDictionary(kind => kind, _ => 0UL);
        while (true)
        {
            var kind = schedule.Next();
            if (kind == DocumentKind.Natural && !naturalTexts!.MoveNext())
            {
                yield break;
            }

            var text = kind == DocumentKind.Natural ? naturalTexts!.Current : WriteOne(seed, kind, numbers[kind]++);
            schedule.Add(kind, text.Length);
            yield return new AtlasDocument(kind, text);
        }
    }

    private IEnumerable<(DocumentKind, double)> Shares(bool hasNatural)
    {
        var natural = hasNatural ? _options.NaturalShare : 0;
        var sum = _options.Shares.Values.Sum();
        var shares = _options.Shares.OrderBy(share => share.Key)
            .Select(share => (share.Key, share.Value / sum * (1 - natural)));
        return natural > 0 ? shares.Append((DocumentKind.Natural, natural)) : shares;
    }

    private string WriteOne(ulong seed, DocumentKind kind, ulong number)
    {
        var random = new StableRandom(StableHash.Of($"{seed}/{kind}/{number}"));
        string text;
        do
        {
            text = _writers[kind].Write(random);
        }
        while (HeldOut.Contains(text) != (_options.Split == DocumentSplit.HeldOut));
        return text;
    }
}

/// <summary>Takes turns: the next is always the one that is furthest behind its share of the characters so far. The
/// shares hold in every stretch of the corpus, and not only on average.</summary>
internal sealed class ShareSchedule<TKey>(IEnumerable<(TKey Key, double Share)> shares)
    where TKey : notnull
{
    private readonly (TKey Key, double Share)[] _shares = [.. shares];
    private readonly Dictionary<TKey, long> _written = [];
    private long _total;

    /// <summary>Whose turn it is; of equals, the first.</summary>
    public TKey Next() =>
        _shares.MaxBy(share => (share.Share * _total) - _written.GetValueOrDefault(share.Key)).Key;

    /// <summary>Counts what was written.</summary>
    public void Add(TKey key, int characters)
    {
        _written[key] = _written.GetValueOrDefault(key) + characters;
        _total += characters;
    }
}
