using Logitscope.Metrics;

namespace Logitscope.World;

/// <summary>The share of some questions that was answered right.</summary>
/// <param name="Name">What was asked.</param>
/// <param name="Accuracy">The share, with Wilson's interval.</param>
/// <param name="Count">How many questions.</param>
internal sealed record ExamScore(string Name, Interval Accuracy, int Count);
