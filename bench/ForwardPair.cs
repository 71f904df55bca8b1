using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Logitscope.Models;

namespace Logitscope.Bench;

/// <summary>A plain forward pass against python3-torch's of the same weights, batch and libtorch, in turns.</summary>
internal static class ForwardPair
{
    public static void Run(string script, int rounds, Report report)
    {
        report.Row("element type", "batch", "Logitscope, ms", "python3-torch, ms", "ratio", "logits differ by");
        foreach (var dtype in new[] { float32, bfloat16 })
        {
            foreach (var (batch, tokens) in new[] { (16, 64), (4, 200) })
            {
                using var scope = NewDisposeScope();
                using var model = LanguageModel.Load(options: new() { Dtype = dtype });
                using var python = StartPython(script, model.Folder!, dtype, batch, tokens);
                var theirs = Answer(python);
                var ids = tensor(
                    [.. Enumerable.Range(0, batch * tokens).Select(i => i * 7919L % model.VocabularySize)], [batch, tokens]);
                var ours = model.Forward(ids).Logits.select(0, batch - 1).select(0, tokens - 1).to(float32).max().ToDouble();
                var (mine, others) = (double.PositiveInfinity, double.PositiveInfinity);
                for (var round = 0; round < rounds; round++)
                {
                    mine = Math.Min(mine, Seconds(model, ids));
                    python.StandardInput.WriteLine();
                    others = Math.Min(others, Answer(python));
                }

                python.StandardInput.Close();
                python.WaitForExit();
                report.Row(
                    $"{dtype}", $"{batch} x {tokens}", $"{1000 * mine:F1}", $"{1000 * others:F1}", $"{mine / others:F2}",
                    $"{Math.Abs(ours - theirs):E1}");
            }
        }
    }

    private static double Seconds(LanguageModel model, Tensor ids)
    {
        using var scope = NewDisposeScope();
        var watch = Stopwatch.StartNew();
        model.Forward(ids);
        return watch.Elapsed.TotalSeconds;
    }

    // With the threads and the BLAS kernels that our binding chooses: the pair is of the forward passes, not of settings.
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
        start.Environment["OPENBLAS_CORETYPE"] = Avx512F.IsSupported ? "SKYLAKEX" : "HASWELL";
        return Process.Start(start)!;
    }

    private static double Answer(Process python) => double.Parse(
        python.StandardOutput.ReadLine() ?? throw new LogitscopeException("python3-torch: expected an answer, got none"),
        CultureInfo.InvariantCulture);
}
