using Logitscope.Metrics;

namespace Logitscope.Training.Evaluation;

/// <summary>The share of some questions that was answered right.</summary>
/// <param name="Name">What was asked.</param>
/// <param name="Accuracy">The share, with Wilson's interval.</param>
/// <param name="Count">How many questions.</param>
public sealed record ExamScore(string Name, Interval Accuracy, int Count);
