using System.Diagnostics;
using System.Globalization;

namespace Logitscope.Sweeps;

/// <summary>What a sweep will need, told before it starts.</summary>
/// <param name="Cells">Cells still to run.</param>
/// <param name="Cost">Their cost.</param>
/// <param name="WeightBytes">The model.</param>
/// <param name="Time">At the speed of one block and one unembedding, timed now.</param>
public sealed record SweepEstimate(int Cells, SweepCost Cost, double WeightBytes, TimeSpan Time)
{
    private const int TimedTokens = 256;

    /// <summary>Times a little of the model, and counts the rest.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="doneRows">Rows that an earlier run has written.</param>
    /// <returns>The estimate.</returns>
    public static SweepEstimate Of(SweepPlan plan, int doneRows = 0)
    {
        using var scope = NewDisposeScope();
        var model = plan.Model;
        var cost = SweepCost.Of(plan, plan.BlocksIn(doneRows));
        var length = Math.Min(TimedTokens, plan.LastPositionOf(plan.PromptsOf(0)[0]) + 1);
        var residual = model.Embed(zeros([Math.Max(1, TimedTokens / length), length], int64, model.Device), past: 0);
        var rows = residual.reshape(-1, model.HiddenSize);
        var seconds =
            (cost.TokenLayers * Seconds(() => model.RunBlock(0, residual, cache: null)) / rows.size(0))
            + (cost.Unembeddings * Seconds(() => model.Unembed(rows)) / rows.size(0));
        return new SweepEstimate(plan.Cells - doneRows, cost, WeightBytesOf(plan), TimeSpan.FromSeconds(seconds));
    }

    /// <summary>Refuses a sweep that this machine's memory cannot hold.</summary>
    /// <param name="plan">The sweep, on the CPU.</param>
    /// <exception cref="SweepException">Weights and the largest batch together exceed the memory.</exception>
    public static void CheckMemory(SweepPlan plan) =>
        CheckMemory(plan, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>The same for a memory of so many bytes.</summary>
    internal static void CheckMemory(SweepPlan plan, long memory)
    {
        if (plan.Model.Device.type != DeviceType.CPU) // there the batch halves when memory runs out
        {
            return;
        }

        var needed = WeightBytesOf(plan) + SweepCost.Of(plan).PeakBytes;
        if (needed > memory)
        {
            throw new SweepException(string.Create(
                CultureInfo.InvariantCulture,
                $"a sweep in batches of {plan.Options.BatchSize} prompts: expected to fit {memory / 1e9:N1} GB of memory, "
                + $"got an estimate of {needed / 1e9:N1} GB; take a smaller batch"));
        }
    }

    /// <summary>The estimate in words.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Cells:N0} cells: about {Time:hh\\:mm\\:ss}, {Cost.Flop / 1e12:N1} TFLOP, "
        + $"{WeightBytes / 1e6:N0} MB of weights and up to {Cost.PeakBytes / 1e6:N0} MB more");

    /// <summary>The model's weights, in bytes.</summary>
    internal static double WeightBytesOf(SweepPlan plan) =>
        plan.Model.Weights.Values.Sum(weight => (double)weight.NumberOfElements * weight.dtype.ElementSize());

    // The second time: the first one pays for code and pages that are touched once.
    private static double Seconds(Func<Tensor> run)
    {
        Once();
        return Once();

        double Once()
        {
            using var scope = NewDisposeScope();
            var watch = Stopwatch.StartNew();
            run().select(0, 0).cpu(); // a GPU answers before it is done
            return watch.Elapsed.TotalSeconds;
        }
    }
}
