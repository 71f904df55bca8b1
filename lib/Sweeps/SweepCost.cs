using System.Text.RegularExpressions;
using Logitscope.Models;
using Logitscope.Patching;
using Logitscope.Techniques.NextToken;

namespace Logitscope.Sweeps;

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
            Peak(model, (prompts.Count + together - 1) / together, together, longest, places, widest, plan.CellsPerPosition));
    }

    private static double Peak(LanguageModel model, long passes, long together, long longest, long places, long widest, int cells)
    {
        var block = BlockMemory.Of(model);
        var residuals = (double)places * model.HiddenSize * model.Dtype.ElementSize() * (model.Layers + cells);
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
