namespace Logitscope.World;

/// <summary>What a phrase of <c>phrases.tsv</c> is for. In its text, <c>{s}</c> is the subject and <c>{o}</c> the
/// value.</summary>
internal enum PhraseUse
{
    /// <summary>A clause that states the fact.</summary>
    Tell,

    /// <summary>The same in words that training never sees; ends with the value.</summary>
    TellHeldOut,

    /// <summary>A question for the value.</summary>
    Ask,

    /// <summary>The same in words that training never sees.</summary>
    AskHeldOut,

    /// <summary>A question for the subject; used where only one subject has the value.</summary>
    Back,

    /// <summary>A noun phrase for the value.</summary>
    Noun,

    /// <summary>A clause that follows another about the same subject, with a pronoun.</summary>
    More,

    /// <summary>The heading of a list of the subjects that share the value.</summary>
    Group,

    /// <summary>What a subject is, in a few words; belongs to a kind.</summary>
    Describe,

    /// <summary>A sentence around a clause; belongs to no relation.</summary>
    Frame,
}
