namespace Logitscope.Bench;

/// <summary>
/// One sweep on all cores in two ways: a worker of one thread for each core, on batches of their own, and one worker whose
/// matrix products are divided. Which is faster, by the model's width, is the rule of <see cref="SweepWorkers"/>.
/// </summary>
internal static class BatchesOrProducts
{
    private const int Layers = 4, Vocabulary = 4096, Prompts = 256, Tokens = 32;

    public static void Run(int[] widths, int rounds, Report report)
    {
        var cores = get_num_threads();
        var (batches, products) = (new SweepWorkers(cores, 1), new SweepWorkers(1, cores));
        report.Say($"GPT-J, {Layers} layers, {Prompts} prompts of {Tokens} tokens, float32, {cores} cores");
        report.Row(
            "width", "GFLOP of the MLP's first product", $"{cores} workers of 1 thread, s", $"1 worker of {cores} threads, s",
            "products / batches", "the rule takes");
        foreach (var width in widths)
        {
            var config = RandomGptJ.Config(Layers, width) with { VocabSize = Vocabulary };
            using var model = RandomGptJ.Make(config, new() { Dtype = float32 });
            var plan = new SweepPlan(model, Enumerable.Range(0, Prompts).Select(p => new Example($"{p}", null, Ids(Tokens, p))), new()
            {
                Positions = PositionRule.Last,
                Techniques =
                [
                    NextTokenTechnique.LogitLens,
                    new TokenIdentity { Target = new("") { Ids = Ids(16, 1) } },
                    new LogitscopeTechnique { Target = new("") { Ids = Ids(2, 2) } },
                ],
            });
            var (together, divided) = (double.PositiveInfinity, double.PositiveInfinity);
            for (var round = 0; round <= rounds; round++)
            {
                together = Math.Min(together, Seconds(batches));
                divided = Math.Min(divided, Seconds(products));
            }

            var gigaflop = 2.0 * Math.Min(model.TokensToRun, plan.PromptsOf(0).Count * Tokens) * width * 4 * width / 1e9;
            var chosen = SweepWorkers.For(plan);
            report.Row(
                $"{width}", $"{gigaflop:F1}", $"{together:F2}", $"{divided:F2}", $"{divided / together:F2}",
                $"{chosen.Count} x {chosen.Threads}");

            double Seconds(SweepWorkers workers) => Watch.Best(1, () => workers.Run(plan, 0, CancellationToken.None).Sum(rows => rows.Count)).Seconds;
        }
    }

    private static int[] Ids(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (int)(((seed * 2053L) + i) * 7919 % Vocabulary))];
}
