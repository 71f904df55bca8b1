using System.Globalization;

namespace Logitscope.Bench;

/// <summary>How time grows with the number of prompts and of source tokens, and that memory does not grow with prompts.</summary>
internal static class Growth
{
    public static void Run(string folder, int rounds, Report report)
    {
        using var model = LanguageModel.Load();
        var longest = Math.Min(256, model.ContextLength);
        int[] prompts = [128, 256, 512, 1024, 2048];
        int[] tokens = [.. Enumerable.Range(1, 4).Select(i => i * longest / 4)];
        Directory.CreateDirectory(folder);
        Measure(model, prompts: 128, tokens: longest, rounds: 1);

        report.Row("prompts", "tokens each", "seconds", "peak memory above the start, MB");
        var byPrompts = prompts.Select(n => Line(n, 32)).ToArray();
        var byTokens = tokens.Select(t => Line(256, t)).ToArray();
        Draw(Path.Combine(folder, "time-by-prompts.svg"), "Time of a sweep by prompts", "prompts of 32 tokens", "seconds", true,
            [.. prompts.Zip(byPrompts, (n, m) => ((double)n, m.Seconds))]);
        Draw(Path.Combine(folder, "time-by-tokens.svg"), "Time of a sweep by source tokens", "tokens of each of 256 prompts", "seconds", true,
            [.. tokens.Zip(byTokens, (t, m) => ((double)t, m.Seconds))]);
        Draw(Path.Combine(folder, "memory-by-prompts.svg"), "Peak memory of a sweep by prompts", "prompts of 32 tokens",
            "resident MB, the model and .NET included", false, [.. prompts.Zip(byPrompts, (n, m) => ((double)n, m.Resident))]);

        (double Seconds, double Resident) Line(int count, int length)
        {
            var (seconds, start, peak) = Measure(model, count, length, rounds);
            report.Row($"{count}", $"{length}", $"{seconds:F2}", $"{peak - start:F0}");
            return (seconds, peak);
        }
    }

    private static (double Seconds, double StartMegabytes, double PeakMegabytes) Measure(LanguageModel model, int prompts, int tokens, int rounds)
    {
        var random = new Random(prompts + tokens);
        var examples = Enumerable.Range(0, prompts).Select(i => new Example(
            $"{i}", null, [.. Enumerable.Range(0, tokens).Select(_ => random.Next(model.Tokenizer.VocabularySize))]));
        var plan = new SweepPlan(model, examples, new() { Positions = PositionRule.Last });
        GC.Collect();
        ResidentMemory.ForgetPeak();
        var before = ResidentMemory.Peak;
        var (seconds, _) = Watch.Best(rounds, () =>
        {
            using var engine = new SweepEngine(plan);
            return Enumerable.Range(0, plan.Blocks).Sum(block =>
            {
                GC.Collect(0); // garbage waits for tens of megabytes before it is collected, and would look like growth
                return engine.Run(block, CancellationToken.None).Count;
            });
        });
        return (seconds, before / 1e6, ResidentMemory.Peak / 1e6);
    }

    private static void Draw(string path, string title, string x, string y, bool grows, (double X, double Y)[] points)
    {
        var (right, top) = (points.Max(p => p.X), points.Max(p => p.Y));
        new CurveFigure
        {
            Title = title,
            X = new Axis(x, 0, right * 1.03, Axis.StepFor(right, 8)),
            Y = new Axis(y, 0, top * 1.1, Axis.StepFor(top, 6)),
            Curves =
            [
                new Curve("measured", new LineLook("#9467bd", Dash.Solid), [
                    .. points.Select(p => new CurvePoint(p.X, Interval.Open(p.Y), p.Y.ToString("F2", CultureInfo.InvariantCulture)))]),
                new Curve(grows ? "in proportion" : "constant", new LineLook("#999999", Dash.Dotted), [
                    new(0, Interval.Open(grows ? 0 : points[^1].Y), ""), new(right, Interval.Open(points[^1].Y), "")]),
            ],
            Data = Table.Of(points, (x, p => p.X), (y, p => p.Y)),
        }.Save(path);
    }
}
