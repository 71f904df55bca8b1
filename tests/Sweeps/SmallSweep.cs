using Logitscope.Tests.Models;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

/// <summary>Five prompts of unequal length, two methods, three layers, batches of two: 12, 12 and 6 cells.</summary>
internal static class SmallSweep
{
    public static SweepOptions Options { get; } = new()
    {
        Techniques = [NextTokenTechnique.LogitLens, new LogitscopeTechnique { Target = new("") { Ids = [60, 39] } }],
        BatchSize = 2,
    };

    public static Example[] Examples { get; } =
        [.. new[] { 5, 9, 1, 12, 7 }.Select((length, i) => new Example($"{i}", null, Ids(length, seed: i)))];

    public static SweepPlan Plan(LanguageModel model, SweepOptions? options = null) =>
        new(model, Examples, options ?? Options);

    public static SweepResult Run(LanguageModel model, SweepOptions options) =>
        Sweep.Run(model, Examples, options, cancellation: TestContext.Current.CancellationToken);

    public static SweepResult RunInto(TemporaryFolder folder, SweepPlan plan) =>
        Sweep.Run(plan, folder.Path, cancellation: TestContext.Current.CancellationToken);

    /// <summary>All batches of a plan, from the engine alone.</summary>
    public static IReadOnlyList<SweepRow> RowsOf(SweepPlan plan)
    {
        using var engine = new SweepEngine(plan);
        return
        [
            .. Enumerable.Range(0, plan.Blocks)
                .SelectMany(block => engine.Run(block, TestContext.Current.CancellationToken)),
        ];
    }

    public static string RowsIn(TemporaryFolder folder) => Path.Combine(folder.Path, Journal.RowsFile);

    public static LanguageModel OpenModel(ScalarType dtype = ScalarType.Float64) => TinyModel.Open(dtype);

    private static int[] Ids(int length, int seed)
    {
        var random = new Random(seed);
        return [60, .. Enumerable.Range(1, length - 1).Select(_ => random.Next(60))];
    }
}
