using System.Diagnostics;
using System.Globalization;

namespace Logitscope.Bench;

/// <summary>A model as large as it is stored: memory-mapped, a few prompts through three methods, and the memory it took.</summary>
internal static class WholeSize
{
    private const long Allowance = 3L << 30;

    /// <summary>Whether the most memory ever resident stays within the weights and 3 GiB.</summary>
    public static bool Run(string folder, int prompts, int tokens, Report report)
    {
        var weights = new FileInfo(Path.Combine(folder, "model.safetensors")).Length;
        var watch = Stopwatch.StartNew();
        using var model = LanguageModel.Load(folder, new() { Dtype = bfloat16 });
        var loading = watch.Elapsed.TotalSeconds;
        var plan = new SweepPlan(model, RandomGptJ.Prompts(prompts, tokens, tokens), new()
        {
            Techniques = RandomGptJ.Techniques,
            Positions = PositionRule.Last,
            BatchSize = prompts,
        });
        watch.Restart();
        SweepEstimate.CheckMemory(plan);
        using var engine = new SweepEngine(plan);
        var rows = engine.Run(0, CancellationToken.None);
        var first = watch.Elapsed.TotalSeconds;
        watch.Restart();
        engine.Run(0, CancellationToken.None);
        var second = watch.Elapsed.TotalSeconds;
        var (peak, most) = (PeakResidentBytes(), weights + Allowance);
        report.Say(
            $"{model.Architecture}, {model.Layers} layers, {model.ParameterCount / 1e9:F2} G weights, {model.Arithmetic}, memory-mapped: "
            + $"{prompts} prompts of {tokens} tokens, {rows.Count} cells");
        report.Row("load, s", "GB/s", "first sweep (reads the weights), s", "second sweep, s", "weights, GB", "peak resident, GB", "allowed, GB", "verdict");
        report.Row(
            $"{loading:F2}", $"{weights / loading / 1e9:F2}", $"{first:F1}", $"{second:F1}", $"{weights / 1e9:F2}", $"{peak / 1e9:F2}", $"{most / 1e9:F2}",
            peak <= most ? "good" : "TOO MUCH");
        return peak <= most;
    }

    // The kernel's own highest mark, mapped pages of files included.
    private static long PeakResidentBytes() => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(':', 2)[1].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture);
}
