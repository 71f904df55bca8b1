namespace Logitscope.Tests.Charts;

/// <summary>Figures that the chart tests draw.</summary>
internal static class Samples
{
    /// <summary>Prompts in the reference sweep.</summary>
    public const int Prompts = 698;

    private static readonly Dictionary<string, double[]> s_referencePrecision = new()
    {
        ["logit-lens"] =
        [
            .0330, .0616, .0759, .1060, .1590, .1404, .1748, .1590, .1934, .2135, .1777, .2163, .2120, .2407,
            .2736, .3066, .2851, .3266, .3725, .3639, .4054, .4226, .4642, .5244, .6017, .7221, .8209, 1,
        ],
        ["token-identity"] =
        [
            .0587, .0473, .0544, .0759, .0845, .1046, .1404, .2020, .2006, .2536, .3453, .4341, .4656, .5072,
            .5630, .6676, .7135, .7049, .7350, .8238, .8324, .8696, .8739, .9097, .8983, .9513, .9685, 1,
        ],
        ["logitscope"] =
        [
            .2794, .3524, .3739, .3926, .4312, .4900, .5029, .5487, .4971, .5401, .5974, .5931, .6762, .6920,
            .7077, .7708, .7865, .7923, .8066, .8510, .8768, .8940, .9183, .9040, .9298, .9470, .9771, 1,
        ],
    };

    private static readonly Dictionary<string, double[]> s_referenceSurprisal = new()
    {
        ["logit-lens"] = [8.727, 5.629, 4.655, 3.364, .906],
        ["token-identity"] = [7.824, 5.064, 2.258, 1.086, .873],
        ["logitscope"] = [4.581, 2.458, 1.676, .994, .862],
    };

    /// <summary>precision@1 of GPT-J in the reference run, with normal intervals cut at 0 and 1.</summary>
    public static IEnumerable<LayerScore> PrecisionScores() => s_referencePrecision.SelectMany(method =>
        method.Value.Select((p, layer) =>
        {
            var half = 1.96 * Math.Sqrt(p * (1 - p) / Prompts);
            return new LayerScore(method.Key, layer, new(p, Math.Max(0, p - half), Math.Min(1, p + half)), Prompts);
        }));

    /// <summary>Surprisal of GPT-J at the five layers that the reference prints.</summary>
    public static IEnumerable<LayerScore> SurprisalScores() => s_referenceSurprisal.SelectMany(method =>
        method.Value.Select((nats, index) =>
            new LayerScore(method.Key, index == 4 ? 27 : 7 * index, new(nats, nats - .25, nats + .25), Prompts)));

    public static CurveFigure Precision() =>
        LayerCurves.Draw(LayerMetric.PrecisionAt1, PrecisionScores(), "GPT-J 6B, 698 prompts of the Pile, 95 % bands");

    public static CurveFigure Surprisal() =>
        LayerCurves.Draw(LayerMetric.Surprisal, SurprisalScores(), "GPT-J 6B, 698 prompts of the Pile, 95 % bands");

    /// <summary>A lens over a text whose words fade in from guesses to the truth.</summary>
    public static HeatFigure Lens(int layers, IReadOnlyList<string> tokens, ColorScale? scale = null)
    {
        string[] guesses = ["·the", "·of", ",", "·and", "⏎", "·capital", "·Europe", "·Polish", "·Warsaw", "·is"];
        var readings =
            from layer in Enumerable.Range(0, layers)
            from position in Enumerable.Range(0, tokens.Count)
            let sure = Math.Pow((layer + 1.0) / layers, 1 + position * 7 % 5) * 0.97
            let next = tokens[(position + 1) % tokens.Count]
            let word = sure > 0.25 ? next : guesses[(layer * 3 + position * 5) % guesses.Length]
            let others = guesses.Take(4).Select((guess, rank) => new Candidate(guess, (1 - sure) / (rank + 3)))
            select new TokenReading(layer, position,
                new Prediction([.. others.Prepend(new(word, sure))], 8 * (1 - sure)),
                scale is null ? null : scale.Min + (scale.Max - scale.Min) * sure);
        return TokenHeatMap.Draw(tokens, readings, subtitle: "sample numbers", scale: scale);
    }

    public static HeatFigure Patch(int layers) => PatchHeatMap.Draw(
        from source in Enumerable.Range(0, layers)
        from target in Enumerable.Range(0, layers)
        let sure = 1.0 / (1 + Math.Exp(-(source - target * 0.6 - layers * 0.2) * 12 / layers))
        let word = sure > .6 ? "·Warsaw" : sure > .2 ? "·Poland" : "·?"
        select new PatchReading(source, target,
            new Prediction([new(word, sure), new("·Libya", (1 - sure) / 2)], 6 * (1 - sure))),
        subtitle: "sample numbers");

    public static string[] Sentence { get; } =
        ["<|endoftext|>", "The", "·capital", "·of", "·Poland", "·is", "·the", "·city", "·of", "·the", "·mer", "maid"];
}
