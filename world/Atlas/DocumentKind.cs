namespace Logitscope.World;

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
}
