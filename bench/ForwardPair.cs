using System.Diagnostics;
using System.Globalization;

namespace Logitscope.Bench;

/// <summary>
/// A plain forward pass against the same weights and batch in plain operations: on this libtorch (<see cref="PlainGptJ"/>), and
/// in python3-torch on its own. In turns.
/// </summary>
internal static class ForwardPair
{
    public static void Run(string script, int rounds, Report report)
    {
        report.Row(
            "element type", "batch", "Logitscope, ms", $"plain operations, libtorch {TorchRuntime.Version}, ms", "ratio",
            "python3-torch, ms", "its version", "ratio", "logits differ by");
        foreach (var dtype in new[] { float32, bfloat16 })
        {
            foreach (var (batch, tokens) in new[] { (16, 64), (4, 200) })
            {
                using var scope = NewDisposeScope();
                using var model = LanguageModel.Load(options: new() { Dtype = dtype });
                using var python = StartPython(script, model.Folder!, dtype, batch, tokens);
                var version = Line(python);
                var theirs = Answer(python);
                var plain = new PlainGptJ(model, tokens);
                var ids = tensor(
                    [.. Enumerable.Range(0, batch * tokens).Select(i => i * 7919L % model.VocabularySize)], [batch, tokens]);
                var ours = Last(model.Forward(ids).Logits);
                var apart = Math.Max(Math.Abs(ours - theirs), Math.Abs(ours - Last(plain.Forward(ids))));
                double[] best = [.. Enumerable.Repeat(double.PositiveInfinity, 3)];
                for (var round = 0; round < rounds; round++)
                {
                    best[0] = Math.Min(best[0], Seconds(() => model.Forward(ids)));
                    best[1] = Math.Min(best[1], Seconds(() => plain.Forward(ids)));
                    python.StandardInput.WriteLine();
                    best[2] = Math.Min(best[2], Answer(python));
                }

                python.StandardInput.Close();
                python.WaitForExit();
                report.Row(
                    $"{dtype}", $"{batch} x {tokens}", $"{1000 * best[0]:F1}", $"{1000 * best[1]:F1}", $"{best[0] / best[1]:F2}",
                    $"{1000 * best[2]:F1}", version, $"{best[0] / best[2]:F2}", $"{apart:E1}");
            }
        }

        static double Last(Tensor logits) => logits.select(0, -1).select(0, -1).to(float32).max().ToDouble();
    }

    private static double Seconds(Action run)
    {
        using var scope = NewDisposeScope();
        var watch = Stopwatch.StartNew();
        run();
        return watch.Elapsed.TotalSeconds;
    }

    // With the threads and the way of waiting that Logitscope chooses: the pair is of forward passes, not of settings.
    private static Process StartPython(string script, string folder, ScalarType dtype, int batch, int tokens)
    {
        var start = new ProcessStartInfo(
            "/usr/bin/python3", [script, folder, $"{dtype}".ToLowerInvariant(), $"{batch}", $"{tokens}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["OMP_NUM_THREADS"] = $"{get_num_threads()}";
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        return Process.Start(start)!;
    }

    private static double Answer(Process python) => double.Parse(Line(python), CultureInfo.InvariantCulture);

    private static string Line(Process python) => python.StandardOutput.ReadLine()
        ?? throw new LogitscopeException("python3-torch: expected an answer, got none");
}
