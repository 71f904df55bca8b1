using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

/// <summary>
/// A sweep of every kind of reading: sources of many lengths; the patched token first, in the middle and last; a mapping;
/// the source as its own target; a padded target.
/// </summary>
internal static class EveryReading
{
    public static SweepPlan PlanOf(LanguageModel model, PositionRule positions, int batchSize, int perPrompt = 1)
    {
        var last = model.VocabularySize - 1;
        int[][] ids = [[last, 1, 2, 3], [last], [4, 5, 6, 7, 8, 9, 10], [last, 11], [12, 13, 14, 15, 16]];
        return new SweepPlan(model, ids.Select((prompt, i) => new Example($"{i}", null, prompt)), new()
        {
            Techniques =
            [
                NextTokenTechnique.LogitLens,
                new TokenIdentity { Target = new("") { Ids = [last, 5, 6, 5, 6, 7, 8] } },
                new LogitscopeTechnique { Target = new("") { Ids = [last, 9] } },
                NextTokenTechnique.LogitLensPatchscope,
                new At("at-the-first", [3, 1, 4, 1], 0, layer => layer),
                new At("in-the-middle", [3, 1, 4, 1, 5], 2, layer => model.Layers - 1 - layer),
                new At("one-token", [2], ^1, _ => 0),
                new At("halved", [3, 1, 4], 1, layer => layer) { Mapping = new Half() },
                new Within(),
                new InPlace(),
                NextTokenTechnique.LogitLens.From(Site.MlpOut),
                NextTokenTechnique.LogitLensPatchscope.From(Site.AttnOut),
                new LogitscopeTechnique { Target = new("") { Ids = [last, 9] } }.From(Site.ResidPre),
            ],
            Positions = positions,
            PerPrompt = perPrompt,
            BatchSize = batchSize,
        });
    }

    private sealed record At(string Title, int[] Ids, Index Position, Func<int, int> TargetLayer) : NextTokenTechnique
    {
        public override string Name => Title;

        public Mapping Mapping { get; init; } = Mapping.Identity;

        public override Reading ReadingOf(LanguageModel model, int layer) =>
            new Reading.InPrompt(model.FromIds(Ids), TargetLayer(layer)) { Position = Position, Mapping = Mapping };
    }

    private sealed record Within : NextTokenTechnique
    {
        public override string Name => "within-the-source";

        public override Reading ReadingOf(LanguageModel model, int layer) => new Reading.InSource(Math.Min(1, model.Layers - 1));
    }

    private sealed record InPlace : NextTokenTechnique
    {
        public override string Name => "in-place";

        public override Reading ReadingOf(LanguageModel model, int layer) => new Reading.InPlace(model.FromIds([7, 9]), 5, layer);
    }

    private sealed record Half : Mapping
    {
        public override string Name => "half";

        public override Tensor Apply(Tensor residual) => residual * 0.5;
    }
}
