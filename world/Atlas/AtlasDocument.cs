namespace Logitscope.World;

/// <summary>One document of the corpus, without a beginning-of-text token.</summary>
internal sealed record AtlasDocument(DocumentKind Kind, string Text);

/// <summary>The sorts of text that the corpus is made of.</summary>
internal enum DocumentKind
{
    /// <summary>One to four sentences, each stating a fact.</summary>
    Statement,

    /// <summary>Several facts about one subject, with pronouns.</summary>
    Passage,

    /// <summary>One question and its answer.</summary>
    Question,

    /// <summary>Two to seven questions with answers, in one form.</summary>
    FewShot,

    /// <summary>Names with short descriptions: "Syria: country in the Middle East, ...".</summary>
    Description,

    /// <summary>Things mapped to themselves: "cat -> cat".</summary>
    Identity,

    /// <summary>A chain of two facts, for the part of the pairs that is not held out.</summary>
    TwoHop,

    /// <summary>A question for the subject of a fact.</summary>
    Reversed,

    /// <summary>Two facts compared, or a wrong one denied.</summary>
    Contrast,

    /// <summary>The subjects that share a value.</summary>
    Category,

    /// <summary>Days, months, letters, numbers in order.</summary>
    Sequence,

    /// <summary>A sentence with a question mark for a missing word, and the word.</summary>
    Blank,

    /// <summary>A short story whose later sentences depend on the earlier ones.</summary>
    Story,

    /// <summary>Natural text, given from outside.</summary>
    Natural,

    /// <summary>One to four facts in the wordings of the grammar.</summary>
    Told,

    /// <summary>One to six questions of the grammar with answers.</summary>
    Asked,

    /// <summary>Descriptions, for the part of the subjects that is not held out.</summary>
    Described,

    /// <summary>Anything mapped to itself, with any arrow and separator.</summary>
    Copied,
}

/// <summary>What <see cref="Atlas.Generate"/> writes.</summary>
internal sealed record AtlasOptions
{
    /// <summary>Training documents (the default), or documents that training never sees.</summary>
    public DocumentSplit Split { get; init; } = DocumentSplit.Train;

    /// <summary>The share of the characters that is natural text, in [0, 1), where natural text is given; otherwise
    /// all of the text is generated. The default is 0.36.</summary>
    public double NaturalShare { get; init; } = 0.36;

    /// <summary>What a corpus with the grammar is made of: the wordings of <c>grammar.tsv</c> beside those of
    /// <c>phrases.tsv</c>, and its own descriptions and identity lists in place of the others.</summary>
    public static IReadOnlyDictionary<DocumentKind, double> GrammarShares { get; } = new Dictionary<DocumentKind, double>
    {
        [DocumentKind.Statement] = 0.05,
        [DocumentKind.Passage] = 0.08,
        [DocumentKind.Question] = 0.03,
        [DocumentKind.FewShot] = 0.07,
        [DocumentKind.TwoHop] = 0.09,
        [DocumentKind.Reversed] = 0.03,
        [DocumentKind.Contrast] = 0.03,
        [DocumentKind.Category] = 0.03,
        [DocumentKind.Sequence] = 0.02,
        [DocumentKind.Blank] = 0.02,
        [DocumentKind.Story] = 0.05,
        [DocumentKind.Told] = 0.26,
        [DocumentKind.Asked] = 0.11,
        [DocumentKind.Described] = 0.07,
        [DocumentKind.Copied] = 0.11,
    };

    /// <summary>How the characters of generated text are shared among the kinds. The numbers are relative; a kind that
    /// is absent is not written.</summary>
    public IReadOnlyDictionary<DocumentKind, double> Shares { get; init; } = new Dictionary<DocumentKind, double>
    {
        [DocumentKind.Statement] = 0.16,
        [DocumentKind.Passage] = 0.14,
        [DocumentKind.Question] = 0.09,
        [DocumentKind.FewShot] = 0.11,
        [DocumentKind.Description] = 0.08,
        [DocumentKind.Identity] = 0.1,
        [DocumentKind.TwoHop] = 0.09,
        [DocumentKind.Reversed] = 0.04,
        [DocumentKind.Contrast] = 0.05,
        [DocumentKind.Category] = 0.03,
        [DocumentKind.Sequence] = 0.03,
        [DocumentKind.Blank] = 0.02,
        [DocumentKind.Story] = 0.07,
    };
}

/// <summary>Which documents a corpus may hold; <see cref="HeldOut"/> draws the line.</summary>
internal enum DocumentSplit
{
    /// <summary>Those for training.</summary>
    Train,

    /// <summary>Those that training never sees.</summary>
    HeldOut,
}
