namespace Logitscope.World;

/// <summary>What a question about the atlas asks of a model.</summary>
internal enum QuestionKind
{
    /// <summary>A fact in words that the corpus uses for other facts and never for this one, up to the value.</summary>
    Cloze,

    /// <summary>A fact in words that training never sees, up to the value.</summary>
    Paraphrase,

    /// <summary>A fact asked for as "Q: ... A:", in words that the corpus uses for other facts and never for this
    /// one.</summary>
    Question,

    /// <summary>A fact asked for as "Q: ... A:", in words that training never sees.</summary>
    QuestionParaphrase,

    /// <summary>Two questions with answers and a third without, in words that the corpus never uses for the third
    /// fact.</summary>
    FewShot,

    /// <summary>An identity list that is not in the training corpus, of items that are in other lists.</summary>
    Identity,

    /// <summary>An identity list whose items are in no list of the training corpus.</summary>
    IdentityUnknown,

    /// <summary>A chain of two facts that training never sees together.</summary>
    TwoHop,

    /// <summary>A chain of two facts that is in the training corpus: what <see cref="TwoHop"/> is compared
    /// with.</summary>
    TwoHopSeen,
}
