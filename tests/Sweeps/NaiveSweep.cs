using Logitscope.Tests.Metrics;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

/// <summary>The truth for the engine: a whole source run and a whole target run for every single cell.</summary>
internal static class NaiveSweep
{
    public static Dictionary<(string Method, int Layer, int Prompt, int Position), NextTokenScore> Run(SweepPlan plan)
    {
        var cells = new Dictionary<(string, int, int, int), NextTokenScore>();
        foreach (var (method, technique) in plan.Options.Techniques.Index())
        {
            for (var layer = 0; layer < plan.Model.Layers; layer++)
            {
                var places = Enumerable.Range(0, plan.Prompts.Count)
                    .SelectMany(prompt => Enumerable.Range(0, plan.DrawsOf(prompt)), (prompt, draw) => (prompt, draw));
                foreach (var (prompt, draw) in places)
                {
                    using var scope = NewDisposeScope();
                    var position = plan.PositionOf(method, layer, prompt, draw);
                    var ids = plan.Prompts[prompt].ToTensor();
                    var reading = technique.ReadingOf(plan.Model, layer);
                    var hook = new Hook(layer, reading.Site);
                    var source = plan.Model.Forward(ids, new() { Keep = [hook] });
                    var residual = reading.Mapping.Apply(source.Residuals[hook].select(1, position)); // [1, hidden]
                    var patched = Patched(plan.Model, reading, residual, ids, position);
                    var score = Assert.Single(NaiveScore.Compare(source.Logits.select(1, position), patched));
                    cells.Add((technique.Name, layer, prompt, position), score);
                }
            }
        }

        return cells;
    }

    private static Tensor Patched(LanguageModel model, Reading reading, Tensor residual, Tensor source, int position)
    {
        switch (reading)
        {
            case Reading.InPrompt prompt:
                var target = prompt.Model ?? model;
                var edit = new Edit(
                    new(prompt.TargetLayer, Site.ResidPost), prompt.Target.ResolvePosition(prompt.Position), residual);
                return target.Forward(prompt.Target.ToTensor(), new() { Edits = [edit] }).Logits.select(1, prompt.Target.Count - 1);
            case Reading.InSource { TargetLayer: var layer }:
                var own = new Edit(new(layer, Site.ResidPost), position, residual);
                return model.Forward(source, new() { Edits = [own] }).Logits.select(1, position);
            case Reading.InPlace padded:
                int[] tail = [.. padded.Bare.Ids.TakeLast(position + 1)];
                var bos = padded.Bare.HasBos && position >= padded.Bare.Count ? 1 : 0;
                tail = [.. tail.Take(bos), .. Enumerable.Repeat(padded.PaddingId, position + 1 - tail.Length), .. tail.Skip(bos)];
                var kept = new Edit(new(padded.TargetLayer, Site.ResidPost), position, residual);
                return model.Forward(model.FromIds(tail).ToTensor(), new() { Edits = [kept] }).Logits.select(1, position);
            case Reading.Direct:
                return model.Unembed(residual);
            default:
                throw new NotSupportedException($"{reading}");
        }
    }
}
