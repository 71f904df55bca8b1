namespace Logitscope.World;

/// <summary>A prompt and how it must go on.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Relation">The relation's key, both keys of a two-hop pair, or the form of an identity list.</param>
/// <param name="Prompt">The text before the answer; it does not end with a space.</param>
/// <param name="Answer">The text that comes right after, with its leading space where there is one.</param>
/// <param name="Fact">The fact whose value is the answer; null for an identity list.</param>
/// <param name="Bridge">The first fact of a two-hop pair, whose value is the subject of the other; else null.</param>
internal sealed record AtlasQuestion(
    QuestionKind Kind, string Relation, string Prompt, string Answer, Fact? Fact, Fact? Bridge);
