namespace Logitscope.World;

/// <summary>A question, and whether a predictor knew the answer.</summary>
/// <param name="Question">The question.</param>
/// <param name="IsRight">Whether every token of the answer was the most probable one in its place.</param>
internal sealed record AnsweredQuestion(AtlasQuestion Question, bool IsRight);
