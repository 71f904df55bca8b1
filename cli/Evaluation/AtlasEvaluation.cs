using Logitscope.Charts;
using Logitscope.Metrics;
using Logitscope.Sweeps;
using Logitscope.Training.Evaluation;

namespace Logitscope.Cli.Evaluation;

/// <summary>What <c>logitscope eval atlas</c> measured.</summary>
/// <param name="Fingerprint">The model.</param>
/// <param name="Exam">What it knows of the atlas.</param>
/// <param name="Texts">How well it foretells natural text, beside the baselines; empty where that was not asked.</param>
/// <param name="Curves">The layer sweep over each set of prompts.</param>
internal sealed record AtlasEvaluation(
    string Fingerprint,
    IReadOnlyList<ExamScore> Exam,
    IReadOnlyList<TextScore> Texts,
    IReadOnlyList<MethodCurves> Curves)
{
    /// <summary>The tables, each under a heading.</summary>
    public IEnumerable<(string Heading, string Prose, Table Table)> Tables()
    {
        yield return (
            "What it knows",
            "Every token of the answer must be the most probable one. 95 % intervals by Wilson's score.",
            Table.Of(
                Exam,
                ("asked", score => score.Name),
                ("right", score => Percent(score.Accuracy)),
                ("n", score => score.Count)));
        if (Texts.Count > 0)
        {
            yield return (
                "Natural text",
                "Means over documents, each of which counts the same, with 95 % intervals by Student's t. The n-gram "
                + "models (interpolated, absolute discounting) have counted every token that the model was trained on.",
                Table.Of(
                    Texts,
                    ("text", score => score.Text),
                    ("foretold by", score => score.Predictor),
                    ("nats a token", score => Plain(score.Surprisal)),
                    ("top-1", score => Percent(score.Top1)),
                    ("documents", score => score.Documents),
                    ("tokens", score => score.Tokens)));
        }

        foreach (var curves in Curves)
        {
            yield return ($"Layer sweep: {curves.Data}", Verdict(curves), Table.Of(
                Enumerable.Range(0, curves.Layers),
                [
                    ("layer", layer => layer),
                    .. curves.Summary.Methods.Select(method => (
                        $"{method.Key} p@1",
                        (Func<int, object?>)(layer => Percent(method.Value[SweepMetric.PrecisionAt1][layer])))),
                ]));
        }
    }

    /// <summary>The same for programs.</summary>
    public object ForPrograms() => new
    {
        Fingerprint,
        Exam,
        Texts,
        Curves = Curves.Select(curves => new
        {
            curves.Data,
            curves.Prompts,
            curves.Rise,
            curves.Meet,
            Apart = curves.Apart.ToDictionary(pair => pair.Pair, pair => pair.Layers),
            curves.Summary.Methods,
        }),
    };

    private static string Verdict(MethodCurves curves)
    {
        var apart = string.Join("; ", curves.Apart.Select(pair =>
            $"{pair.Pair} part by more than their interval at {LayersOf(pair.Layers)}"));
        return $"{curves.Prompts} prompts. From the first layer to the last, {(curves.Rise ? "every" : "not every")} method "
            + $"rises by more than its intervals; {apart}; at the last layer they "
            + $"{(curves.Meet ? "are the same" : "are not the same")}.";
    }

    private static string LayersOf(IReadOnlyList<int> layers) =>
        layers.Count == 0 ? "no layer" : $"layers {string.Join(", ", layers)}";

    private static string Percent(Interval share) =>
        $"{100 * share.Mean:F1} % [{100 * share.Low:F1}, {100 * share.High:F1}]";

    private static string Plain(Interval mean) => $"{mean.Mean:F3} [{mean.Low:F3}, {mean.High:F3}]";
}
