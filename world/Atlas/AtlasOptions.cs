namespace Logitscope.World;

/// <summary>What <see cref="Atlas.Generate"/> writes.</summary>
internal sealed record AtlasOptions
{
    /// <summary>Training documents (the default), or documents that training never sees.</summary>
    public DocumentSplit Split { get; init; } = DocumentSplit.Train;

    /// <summary>The share of the characters that is natural text, in [0, 1), where natural text is given; otherwise
    /// all of the text is generated. The default is 0.36.</summary>
    public double NaturalShare { get; init; } = 0.36;

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
