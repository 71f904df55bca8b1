namespace Logitscope.Bench;

/// <summary>
/// The strongest simple way: the source once a prompt for all methods and layers, then at each layer one forward of the
/// whole target prompt for a batch of prompts. The logit lens is an unembedding.
/// </summary>
internal static class SimplePeer
{
    public static Means Run(SweepPlan plan, IReadOnlyList<int> prompts)
    {
        var model = plan.Model;
        var means = new Means();
        Hook[] hooks = [.. Enumerable.Range(0, model.Layers).Select(layer => new Hook(layer, Site.ResidPost))];
        foreach (var batch in prompts.Chunk(plan.Options.BatchSize))
        {
            using var scope = NewDisposeScope();
            var ids = batch.Select(prompt => plan.Prompts[prompt]).ToArray().ToTensor();
            int[] positions = [.. batch.Select(prompt => plan.PositionOf(0, 0, prompt))];
            var source = model.Forward(ids, new() { Keep = hooks, Logits = LogitsOf.NoPosition });
            var own = model.Unembed(source.Residuals[hooks[^1]].AtPositions(positions));
            foreach (var technique in plan.Options.Techniques)
            {
                for (var layer = 0; layer < model.Layers; layer++)
                {
                    using var cell = NewDisposeScope();
                    var residual = source.Residuals[hooks[layer]].AtPositions(positions); // [batch, hidden]
                    var patched = technique.ReadingOf(model, layer) is Reading.InPrompt target
                        ? model.Forward(
                            target.Target.ToTensor().expand(batch.Length, -1),
                            new()
                            {
                                Edits = [new(hooks[target.TargetLayer], target.Target.Count - 1, residual)],
                                Logits = LogitsOf.LastPosition,
                            }).Logits.squeeze(1)
                        : model.Unembed(residual);
                    means.Add(technique.Name, layer, own, patched);
                }
            }
        }

        return means;
    }
}
