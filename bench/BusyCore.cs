using System.Diagnostics;

namespace Logitscope.Bench;

/// <summary>The sweep on a quiet machine and beside a process that keeps one core busy, in turns.</summary>
internal static class BusyCore
{
    public static void Run(string data, int limit, int rounds, int batch, Report report)
    {
        using var model = LanguageModel.Load();
        var plan = new SweepPlan(model, ExampleFile.Read(data, limit), new SweepOptions { BatchSize = batch });
        SweepPairs.Engine(plan);
        var (quiet, beside) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            quiet.Add(Seconds());
            using var other = Process.Start("sh", ["-c", "while :; do :; done"]);
            beside.Add(Seconds());
            other.Kill();
            other.WaitForExit();
        }

        report.Say($"{model.Architecture}, {plan.Prompts.Count} prompts, {Environment.ProcessorCount} cores, {rounds} rounds");
        report.Row("", "best, s", "median, s");
        report.Row("quiet", $"{quiet.Min():F2}", $"{Median(quiet):F2}");
        report.Row("beside a busy core", $"{beside.Min():F2}", $"{Median(beside):F2}");
        report.Row("times as long", $"{beside.Min() / quiet.Min():F2}", $"{Median(beside) / Median(quiet):F2}");

        double Seconds() => Watch.Best(1, () => SweepPairs.Engine(plan)).Seconds;
    }

    private static double Median(IEnumerable<double> seconds) => seconds.Order().ElementAt(seconds.Count() / 2);
}
