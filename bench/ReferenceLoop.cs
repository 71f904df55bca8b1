namespace Logitscope.Bench;

/// <summary>
/// The loop of patrickhyw/logitscope: for every method, layer and prompt one whole source forward and one whole target
/// forward, one prompt at a time. The logit lens is a patch of the source's own last layer.
/// </summary>
internal static class ReferenceLoop
{
    public static Means Run(SweepPlan plan, IReadOnlyList<int> prompts)
    {
        var model = plan.Model;
        var means = new Means();
        foreach (var (method, technique) in plan.Options.Techniques.Index())
        {
            for (var layer = 0; layer < model.Layers; layer++)
            {
                foreach (var prompt in prompts)
                {
                    using var scope = NewDisposeScope();
                    var ids = plan.Prompts[prompt].ToTensor();
                    var position = plan.PositionOf(method, layer, prompt);
                    var hook = new Hook(layer, Site.ResidPost);
                    var source = model.Forward(ids, new() { Keep = [hook] });
                    var residual = source.Residuals[hook].select(1, position);
                    var patched = technique.ReadingOf(model, layer) switch
                    {
                        Reading.InPrompt target => Last(target.Target.ToTensor(), target.TargetLayer, target.Target.Count - 1),
                        _ => Last(ids, model.Layers - 1, position),
                    };
                    means.Add(technique.Name, layer, source.Logits.select(1, position), patched);

                    Tensor Last(Tensor target, int targetLayer, int at) => model.Forward(
                        target, new() { Edits = [new(new(targetLayer, Site.ResidPost), at, residual)] }).Logits.select(1, at);
                }
            }
        }

        return means;
    }
}
