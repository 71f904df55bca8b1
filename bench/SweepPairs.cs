namespace Logitscope.Bench;

/// <summary>The engine against the reference's loop and against the simplest strong way, on the same prompts.</summary>
internal static class SweepPairs
{
    public static void Run(string data, int limit, int rounds, int batch, int loopPrompts, Report report)
    {
        using var model = LanguageModel.Load();
        var examples = ExampleFile.Read(data, limit).ToArray();
        var plan = new SweepPlan(model, examples, new SweepOptions { BatchSize = batch });
        int[] all = [.. Enumerable.Range(0, plan.Prompts.Count)];
        int[] few = all[..Math.Min(loopPrompts, all.Length)];
        var warm = new SweepPlan(model, examples[..Math.Min(32, examples.Length)], plan.Options);
        Engine(warm);
        SimplePeer.Run(warm, [0, 1, 2, 3]);
        ReferenceLoop.Run(warm, [0]);

        var (engine, engineCpu, engineMeans) = Watch.BestWithProcessor(rounds, () => Engine(plan));
        var (peer, peerCpu, peerMeans) = Watch.BestWithProcessor(rounds, () => SimplePeer.Run(plan, all));
        var (loop, loopCpu, loopMeans) = Watch.BestWithProcessor(1, () => ReferenceLoop.Run(plan, few));
        var scale = (double)all.Length / few.Length;

        var (layers, tokens) = (model.Layers, all.Average(prompt => plan.Prompts[prompt].Count));
        var read = all.Average(prompt => plan.LastPositionOf(prompt) + 1.0);
        var targets = plan.Options.Techniques
            .Select(technique => technique.ReadingOf(model, 0)).OfType<Reading.InPrompt>().Select(r => r.Target.Count).ToArray();
        var loopCost = layers * layers * ((4 * tokens) + targets.Sum());
        var peerCost = (tokens * layers) + (targets.Sum() * layers * layers);
        var engineCost = (tokens * layers) + (targets.Length * layers * (layers - 1) / 2.0);

        report.Say($"{model.Architecture}, {layers} layers, hidden {model.HiddenSize}, {all.Length} prompts of {tokens:F1} tokens, "
            + $"of which {read:F1} are needed; target prompts of {string.Join(" and ", targets)} tokens; batches of {batch}");
        report.Row(
            "way", "token-layers a prompt", "token-layers say", "seconds", "engine is faster by", "reached", "processor seconds",
            "engine needs less by", "reached");
        Line("engine", engineCost, engine, engineCpu);
        Line("simple peer", peerCost, peer, peerCpu);
        Line($"reference loop ({few.Length} prompts timed)", loopCost, loop * scale, loopCpu * scale);
        report.Say($"largest difference of a mean: peer {peerMeans.Apart(engineMeans):E1}"
            + (few.Length == all.Length ? $", loop {loopMeans.Apart(engineMeans):E1}" : ""));

        void Line(string way, double cost, double seconds, double processor)
        {
            var expected = cost / engineCost;
            report.Row(
                way, $"{cost:F0}", $"{expected:F1}", $"{seconds:F2}", $"{seconds / engine:F1}", $"{seconds / engine / expected:P0}",
                $"{processor:F2}", $"{processor / engineCpu:F1}", $"{processor / engineCpu / expected:P0}");
        }
    }

    /// <summary>The sweep as a user runs it.</summary>
    public static Means Engine(SweepPlan plan)
    {
        var means = new Means();
        foreach (var row in SweepWorkers.For(plan).Run(plan, first: 0, CancellationToken.None).SelectMany(rows => rows))
        {
            means.Add(row.Method, row.Layer, row.PrecisionAt1, row.Surprisal, 1);
        }

        return means;
    }
}
