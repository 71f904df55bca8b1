namespace Logitscope.Tests.Sweeps;

/// <summary>A sweep of the embedded model, made once: eight positions of 250 prompts, three methods, ten layers.</summary>
internal static class EmbeddedSweep
{
    private static readonly Lazy<SweepResult> s_sweep = new(() =>
    {
        using var model = LanguageModel.Load();
        return Sweep.Run(model, ExampleFile.Read(Repository.File("data", "prompts.jsonl"), 250), new() { PerPrompt = 8 });
    });

    public static SweepResult Result => s_sweep.Value;

    /// <summary>The rows by method and layer, in one order of prompts and positions.</summary>
    public static IReadOnlyList<SweepRow[][]> Rows(Func<SweepRow, bool> isTaken) =>
    [
        .. Result.Rows.Where(isTaken).GroupBy(row => row.Method).Select(method => method.GroupBy(row => row.Layer)
            .OrderBy(layer => layer.Key).Select(layer => layer.OrderBy(row => (row.Prompt, row.Position)).ToArray()).ToArray()),
    ];
}
