namespace Logitscope.World;

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
            "Every token of the answer must be the most probable one. Questions in one wording, of one subject or with one "
            + "answer belong together: 95 % intervals are over these groups, by Wilson's score. Where most wordings are either "
            + "known or not, that is said in place of a mean.",
            Table.Of(
                Exam,
                ("asked", score => score.Name),
                ("right", Right),
                ("n", score => score.Count),
                ("groups", score => $"{score.Groups} {score.Kind}")));
        if (Texts.Count > 0)
        {
            yield return (
                "Natural text",
                "Means over documents, each of which counts the same, with 95 % intervals by Hall's transformed t. Documents that "
                + "share eight words in a row are one group; of the collections, as many were taken of each (strata). The n-gram "
                + "models (interpolated, absolute discounting) have counted every token that the model was trained on. "
                + "Differences are over the same documents, and their intervals hold for all of them together.",
                Table.Of(
                    Texts,
                    ("text", score => score.Text),
                    ("foretold by", score => score.Predictor),
                    ("nats a token", score => Plain(score.Surprisal)),
                    ("top-1", score => Percent(score.Top1)),
                    ("less the trigram, nats", score => score.LessSurprisal is { } less ? Plain(less) : ""),
                    ("top-1 ", score => score.LessTop1 is { } less ? Percent(less) : ""),
                    ("documents", score => score.Documents),
                    ("groups", score => score.Groups),
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
                        (Func<int, object?>)(layer => curves.Summary.IdenticalLayers.Contains(layer)
                            ? "identical by construction"
                            : Percent(method.Value[SweepMetric.PrecisionAt1][layer])))),
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
            curves.Summary.Differences,
            curves.Summary.Comparisons,
            curves.Summary.IdenticalLayers,
        }),
    };

    private static string Verdict(MethodCurves curves)
    {
        var apart = string.Concat(curves.Apart.Select(pair => $"{pair.Pair} part at {LayersOf(pair.Layers)}; "));
        return $"{curves.Prompts} prompts, {curves.Positions} positions; intervals are over prompts, each at 95 % by itself. "
            + $"From layer 0 to layer {curves.Last} {(curves.Rise ? "every" : "not every")} method rises by more than both its "
            + $"intervals. {apart}at 5 % for all {curves.Summary.Comparisons} comparisons together (Holm).";
    }

    private static string Right(ExamScore score) => score.IsBimodal
        ? $"of the {score.Kind} {100 * score.Unknown:F0} % are right less than one time in ten, {100 * score.Known:F0} % more than nine"
        : Percent(score.Accuracy);

    private static string LayersOf(IReadOnlyList<int> layers) =>
        layers.Count == 0 ? "no layer" : $"layers {string.Join(", ", layers)}";

    private static string Percent(Interval share) =>
        $"{100 * share.Mean:F1} % [{100 * share.Low:F1}, {100 * share.High:F1}]";

    private static string Plain(Interval mean) => $"{mean.Mean:F3} [{mean.Low:F3}, {mean.High:F3}]";
}

/// <summary>What the layer sweep says in a few words: whether the methods rise, part and meet.</summary>
/// <param name="Data">The prompts.</param>
/// <param name="Summary">The sweep.</param>
internal sealed record MethodCurves(string Data, SweepSummary Summary)
{
    /// <summary>How many prompts.</summary>
    public int Prompts => Summary.Methods.First().Value.Prompts;

    /// <summary>How many positions of them.</summary>
    public int Positions => Summary.Methods.First().Value.Positions;

    /// <summary>Layers of the model.</summary>
    public int Layers => Summary.Methods.First().Value[SweepMetric.PrecisionAt1].Count;

    /// <summary>The last layer at which methods can differ.</summary>
    public int Last => Layers - 1 - Summary.IdenticalLayers.Count;

    /// <summary>Whether every method's precision@1 there is above its first layer's, by more than both intervals.</summary>
    public bool Rise => Summary.Methods.Values.All(
        curve => curve[SweepMetric.PrecisionAt1][Last].Low > curve[SweepMetric.PrecisionAt1][0].High);

    /// <summary>Whether all methods read the model's own distribution at the last layer.</summary>
    public bool Meet => Last < Layers - 1;

    /// <summary>For each pair of methods, the layers at which they part in precision@1.</summary>
    public IEnumerable<(string Pair, IReadOnlyList<int> Layers)> Apart => Summary.Differences.Select(difference =>
        ($"{difference.Method} and {difference.Against}",
            (IReadOnlyList<int>)[.. Enumerable.Range(0, Layers).Where(layer => difference.Parts(SweepMetric.PrecisionAt1, layer))]));
}
