using System.Diagnostics;

namespace Logitscope.Bench;

/// <summary>Whole sweeps of a random GPT-J on a device, loading apart, against the rate of the bare matrix product.</summary>
internal static class BigSweep
{
    public static void Run(GptJConfig config, ModelOptions options, int batch, int oneIn, Report report)
    {
        using var scope = NewDisposeScope();
        var watch = Stopwatch.StartNew();
        using var model = RandomGptJ.Make(config, options);
        _ = model.Fingerprint; // reads a part of every weight, so a GPU has made them all
        var loading = watch.Elapsed.TotalSeconds;
        var rate = MatrixRate(model);
        report.Say(
            $"GPT-J, {config.NLayer} layers, width {config.NEmbd}, {model.ParameterCount / 1e9:F2} G weights, {model.Arithmetic} on "
            + $"{model.Device}, libtorch {TorchRuntime.Version}: made in {loading:F1} s; batches of {batch}; "
            + $"a matrix product runs at {rate / 1e12:F2} TFLOP/s");
        var isTheGoal = (config.NLayer, config.NEmbd, oneIn, options.Dtype) == (RandomGptJ.Layers, RandomGptJ.Width, 1, bfloat16);
        report.Row("sweep", "source tokens", "TFLOP", "seconds", "goal on an H100", "TFLOP/s", "of the matrix product's rate");
        Time("the reference's 698 prompts of 1 to 400 tokens, its positions", 698, 1, 400, PositionRule.Reference, "5");
        Time("2000 prompts of 100 tokens, random positions", 2000, 100, 100, PositionRule.Random, "8");
        Time("2000 prompts of 100 tokens, the last position", 2000, 100, 100, PositionRule.Last, "8");

        void Time(string name, int prompts, int shortest, int longest, PositionRule positions, string goal)
        {
            var some = (prompts + oneIn - 1) / oneIn;
            var examples = RandomGptJ.Prompts(some, shortest, longest).ToArray();
            var sweep = new SweepOptions { Techniques = RandomGptJ.Techniques, Positions = positions, BatchSize = batch };
            Sweep.Run(model, examples[..Math.Min(batch, some)], sweep); // the first products of a size choose their kernels
            var cost = SweepCost.Of(new SweepPlan(model, examples, sweep));
            var started = Stopwatch.StartNew();
            Sweep.Run(model, examples, sweep);
            var seconds = started.Elapsed.TotalSeconds;
            report.Row(
                oneIn == 1 ? name : $"{name} (one in {oneIn})", $"{cost.SourceTokens}", $"{cost.Flop / 1e12:F1}", $"{seconds:F2}",
                isTheGoal ? goal : "", $"{cost.Flop / seconds / 1e12:F2}", $"{cost.Flop / seconds / rate:P0}");
        }
    }

    // The MLP's first product for 8,192 tokens.
    private static double MatrixRate(GptJ model)
    {
        using var scope = NewDisposeScope();
        const int tokens = 8192, rounds = 5;
        var matrix = model.Weights["transformer.h.0.mlp.fc_in.weight"];
        var factor = randn([tokens, model.HiddenSize], model.Dtype, model.Device);
        var flop = 2.0 * tokens * matrix.NumberOfElements;
        return flop / Watch.Best(rounds, () =>
        {
            using var once = NewDisposeScope();
            return nn.functional.linear(factor, matrix).select(0, 0).select(0, 0).to(float32).cpu().ToDouble(); // a GPU answers early
        }).Seconds;
    }
}
