namespace Logitscope.World;

/// <summary>What training never sees, decided by a stable hash of the thing itself. Training and held-out data are
/// therefore disjoint whatever their seeds, and no list of exceptions has to be kept.</summary>
internal static class HeldOut
{
    /// <summary>One document text in 32.</summary>
    public static bool Contains(string document) => IsIn(32, "document", document);

    /// <summary>One item of the identity lists in 8. The word itself occurs elsewhere in the corpus.</summary>
    public static bool ContainsItem(string item) => IsIn(8, "item", item);

    /// <summary>One two-hop pair in 2. The two facts themselves occur in the corpus, apart.</summary>
    public static bool Contains(TwoHop pair) => IsIn(2, "two-hop", $"{pair.Key}/{pair.First.Subject.Name}");

    /// <summary>One family of wordings of <c>grammar.tsv</c> in 4, cores and frames alike; never one that
    /// <c>phrases.tsv</c> has too, whose name begins with "plain-".</summary>
    public static bool ContainsFamily(string family) =>
        !family.StartsWith("plain-", StringComparison.Ordinal) && IsIn(4, "family", family);

    /// <summary>One subject in 4: corpora with the grammar never describe it.</summary>
    public static bool ContainsDescription(Subject subject) => IsIn(4, "description", $"{subject.Kind}/{subject.Name}");

    /// <summary>Of the phrases that could tell or ask a fact, the one that never does: the fact occurs in the others,
    /// and the phrase with other facts.</summary>
    internal static Template Wording(Fact fact, PhraseUse use, IReadOnlyList<Template> phrases) =>
        phrases[(int)(StableHash.Of($"wording\n{use}/{fact.Relation.Key}/{fact.Subject.Name}")
            % (ulong)phrases.Count)];

    private static bool IsIn(ulong shares, string sort, string thing) =>
        StableHash.Of($"{sort}\n{thing}") % shares == 0;
}
