using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Logitscope;

/// <summary>What a batch or a sweep costs, before it runs: counted from sizes, not measured.</summary>
/// <param name="SourceTokens">Tokens that the source runs through every block.</param>
/// <param name="TokenLayers">Tokens times blocks, of source and targets.</param>
/// <param name="Unembeddings">Residuals that are unembedded.</param>
/// <param name="Flop">Floating-point operations of the matrix products.</param>
/// <param name="PeakBytes">What is in memory at the worst moment beside the weights; rough, and rather too much.</param>
public sealed partial record SweepCost(
    long SourceTokens, double TokenLayers, double Unembeddings, double Flop, double PeakBytes)
{
    /// <summary>The cost of no batch.</summary>
    public static SweepCost Nothing { get; } = new(0, 0, 0, 0, 0);

    /// <summary>The cost of one after the other.</summary>
    public static SweepCost operator +(SweepCost first, SweepCost second) => new(
        first.SourceTokens + second.SourceTokens,
        first.TokenLayers + second.TokenLayers,
        first.Unembeddings + second.Unembeddings,
        first.Flop + second.Flop,
        Math.Max(first.PeakBytes, second.PeakBytes));

    /// <summary>The cost of batches.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="firstBlock">The first batch that is still to run.</param>
    /// <returns>The sum; of the peaks the highest.</returns>
    public static SweepCost Of(SweepPlan plan, int firstBlock = 0) =>
        Enumerable.Range(firstBlock, Math.Max(0, plan.Blocks - firstBlock))
            .Select(block => OfBlock(plan, block))
            .Aggregate(Nothing, (sum, next) => sum + next);

    /// <summary>The cost of one batch.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="block">0-based.</param>
    /// <returns>The cost.</returns>
    public static SweepCost OfBlock(SweepPlan plan, int block)
    {
        var (model, prompts) = (plan.Model, plan.PromptsOf(block));
        var longest = plan.LastPositionOf(prompts[0]) + 1L;
        var (tokens, places) = (prompts.Count * longest, prompts.Sum(plan.DrawsOf));
        var together = Math.Min(prompts.Count, SourceRun.PromptsTogether(model, (int)longest));
        var (climbs, widest) = (0.0, 0L);
        foreach (var technique in plan.Options.Techniques)
        {
            for (var layer = 0; layer < model.Layers; layer++)
            {
                var (targetLayer, width) = technique.ReadingOf(model, layer) switch
                {
                    Reading.InPrompt target => (target.TargetLayer, target.Target.Count - target.Position.GetOffset(target.Target.Count)),
                    Reading.InSource target => (target.TargetLayer, 1),
                    Reading.InPlace target => (target.TargetLayer, 1),
                    _ => (model.Layers - 1, 1),
                };
                climbs += (double)places * width * (model.Layers - 1 - targetLayer);
                widest = Math.Max(widest, (long)places * model.Layers * width);
            }
        }

        var tokenLayers = (tokens * model.Layers) + climbs;
        var unembeddings = places * (1 + plan.CellsPerPosition);
        var attention = 4.0 * model.HiddenSize * tokens * longest * model.Layers;
        return new SweepCost(
            tokens,
            tokenLayers,
            unembeddings,
            (2 * tokenLayers * BlockWeights(model)) + (2.0 * unembeddings * model.HiddenSize * model.VocabularySize) + attention,
            Peak(model, (prompts.Count + together - 1) / together, together, longest, places, widest, (model.Layers * (1 + plan.Sites.Count)) + plan.CellsPerPosition, plan.CellsPerPosition));
    }

    private static double Peak(LanguageModel model, long passes, long together, long longest, long places, long widest, int kept, int cells)
    {
        var block = BlockMemory.Of(model);
        var residuals = (double)places * model.HiddenSize * model.Dtype.ElementSize() * kept;
        var logits = 4.0 * (places + Math.Min(model.RowsToUnembed, places * cells)) * model.VocabularySize * sizeof(float);
        return residuals + Math.Max(Math.Max(block.Bytes(together, longest, (int)passes), block.Bytes(widest, 1, model.Layers)), logits);
    }

    // The matrices of one block: weights whose name holds a layer's number.
    private static double BlockWeights(LanguageModel model) =>
        model.Weights.Where(weight => weight.Value.Dimensions == 2 && LayerNumber().IsMatch(weight.Key))
            .Sum(weight => (double)weight.Value.NumberOfElements) / model.Layers;

    [GeneratedRegex(@"\.\d+\.")]
    private static partial Regex LayerNumber();
}

/// <summary>What a sweep will need, told before it starts.</summary>
/// <param name="Cells">Cells still to run.</param>
/// <param name="Cost">Their cost, with the peak of all batches that run at once.</param>
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
        var first = plan.BlocksIn(doneRows);
        var cost = SweepCost.Of(plan, first);
        cost = cost with { PeakBytes = cost.PeakBytes * Math.Min(SweepWorkers.For(plan).Count, plan.Blocks - first) };
        var length = Math.Min(TimedTokens, plan.LastPositionOf(plan.PromptsOf(0)[0]) + 1);
        var residual = model.Embed(zeros([Math.Max(1, TimedTokens / length), length], int64, model.Device), past: 0);
        var rows = residual.reshape(-1, model.HiddenSize);
        var seconds =
            (cost.TokenLayers * Seconds(() => model.RunBlock(0, residual, new Pass())) / rows.size(0))
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
