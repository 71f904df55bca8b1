namespace Logitscope.Bench;

/// <summary>The rows of a sweep on a device against the CPU's, on the embedded model.</summary>
internal static class DeviceParity
{
    /// <summary>Whether every type stays within what it may differ by.</summary>
    public static bool Run(string data, int limit, Device device, Report report)
    {
        report.Say($"{limit} prompts of {data}, three methods, every layer: {device} against the CPU on libtorch {TorchRuntime.Version}");
        report.Row(
            "on the device", "on the CPU", "rows", "numbers differ by", "allowed", "of so many clear rows", "other top token", "verdict");
        var kinds = new List<(ScalarType Dtype, bool Tf32, ScalarType Truth, double Allowed, double Clear)>
        {
            (float64, false, float64, 1e-9, 1e-8),
            (float32, false, float32, 1e-4, 1e-3),
            (bfloat16, false, float32, double.PositiveInfinity, 0.25),
        };
        if (device.type == DeviceType.CUDA)
        {
            kinds.Add((float32, true, float32, double.PositiveInfinity, 0.1));
        }

        return kinds.Select(kind => Compare(kind.Dtype, kind.Tf32, kind.Truth, kind.Allowed, kind.Clear)).ToArray().All(good => good);

        bool Compare(ScalarType dtype, bool tf32, ScalarType truth, double allowed, double clearLead)
        {
            var (expected, _) = Rows(truth, CPU, tf32: false);
            var (got, arithmetic) = Rows(dtype, device, tf32);
            var pairs = expected.Zip(got).ToArray();
            var differs = pairs.Max(pair => Apart(pair.First, pair.Second));
            var clear = pairs.Where(pair => pair.First.Margin > clearLead).ToArray();
            var other = clear.Count(pair => pair.First.Predicted != pair.Second.Predicted);
            var good = differs <= allowed && other == 0;
            report.Row(
                arithmetic, $"{truth}".ToLowerInvariant(), $"{pairs.Length}", $"{differs:E1}", $"{allowed:E0}", $"{clear.Length}",
                $"{other}", good ? "good" : "WRONG");
            return good;
        }

        (IReadOnlyList<SweepRow> Rows, string Arithmetic) Rows(ScalarType dtype, Device place, bool tf32)
        {
            backends.cuda.matmul.allow_tf32 = tf32;
            using var model = LanguageModel.Load(options: new() { Dtype = dtype, Device = place });
            var rows = Sweep.Run(model, ExampleFile.Read(data, limit)).Rows;
            var arithmetic = model.Arithmetic;
            backends.cuda.matmul.allow_tf32 = false;
            return (rows, arithmetic);
        }
    }

    private static double Apart(SweepRow one, SweepRow other) => new[]
    {
        (one.Surprisal, other.Surprisal), (one.SurprisalPaper, other.SurprisalPaper), (one.Kl, other.Kl), (one.Margin, other.Margin),
    }.Max(pair => Math.Abs(pair.Item1 - pair.Item2) / Math.Max(1, Math.Abs(pair.Item1)));
}
