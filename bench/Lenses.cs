namespace Logitscope.Bench;

/// <summary>
/// What a further lens costs a sweep. One that is a mapping adds a product, an unembedding and a score a layer, and no forward
/// pass: its price is held against these three by themselves, and against one more pass of the model.
/// </summary>
internal static class Lenses
{
    private const int Layers = 6, Vocabulary = 4096, Prompts = 128, Tokens = 64, Further = 4;

    public static void Run(int[] widths, int rounds, Report report)
    {
        report.Say($"GPT-J, {Layers} layers, {Vocabulary} tokens, {Prompts} prompts of {Tokens} tokens, float32; the logit lens, and {Further} affine lenses more");
        report.Row(
            "width", "logit lens alone, s", $"with {Further} more, s", "a further lens, s", "product, unembedding and score of its rows alone, s",
            "further lens / these", "forward pass, s", "further lens / forward pass");
        foreach (var width in widths)
        {
            var config = RandomGptJ.Config(Layers, width) with { VocabSize = Vocabulary };
            using var model = RandomGptJ.Make(config, new() { Dtype = float32 });
            using var weight = randn(width, width).mul_(0.02);
            using var bias = zeros(width);
            var examples = Enumerable.Range(0, Prompts).Select(p => new Example($"{p}", null, Ids(p))).ToArray();
            var lenses = Enumerable.Range(0, Further).Select(n => NextTokenTechnique.Direct($"lens-{n}", _ => new AffineMapping($"lens-{n}", weight, bias)));
            var (one, all) = (Plan(NextTokenTechnique.LogitLens), Plan([NextTokenTechnique.LogitLens, .. lenses]));
            using var residuals = randn(Prompts, width);
            using var scorer = new NextTokenScorer(model.Unembed(residuals));
            var numbers = Enumerable.Range(0, Prompts).ToArray();
            using var ids = tensor([.. examples.SelectMany(example => example.Ids!).Select(id => (long)id)], [Prompts, Tokens]);

            var (alone, together, bare, forward) = (double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
            for (var round = 0; round <= rounds; round++)
            {
                alone = Math.Min(alone, Seconds(() => SweepWorkers.For(one).Run(one, 0, CancellationToken.None).Sum(rows => rows.Count)));
                together = Math.Min(together, Seconds(() => SweepWorkers.For(all).Run(all, 0, CancellationToken.None).Sum(rows => rows.Count)));
                bare = Math.Min(bare, Seconds(() => Enumerable.Range(0, Layers).Sum(_ => Read().Count)));
                forward = Math.Min(forward, Seconds(() => (int)model.Forward(ids, new() { Logits = LogitsOf.NoPosition }).Logits.size(0)));
            }

            var further = (together - alone) / Further;
            report.Row(
                $"{width}", $"{alone:F3}", $"{together:F3}", $"{further:F4}", $"{bare:F4}", $"{further / bare:F2}", $"{forward:F3}", $"{further / forward:P0}");

            SweepPlan Plan(params IReadOnlyList<NextTokenTechnique> techniques) =>
                new(model, examples, new() { Positions = PositionRule.Last, Techniques = techniques });

            IReadOnlyList<NextTokenScore> Read() =>
                scorer.Score(model.Unembed(residuals + nn.functional.linear(residuals, weight, bias)), numbers);

            static double Seconds(Func<int> work) => Watch.Best(1, () =>
            {
                using var scope = NewDisposeScope();
                return work();
            }).Seconds;
        }
    }

    private static int[] Ids(int seed) => [.. Enumerable.Range(0, Tokens).Select(i => (int)(((seed * 2053L) + i) * 7919 % Vocabulary))];
}
