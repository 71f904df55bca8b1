namespace Logitscope.Bench;

/// <summary>A GPU with next to no memory left: the engine takes fewer prompts at a time, and the rows stay the same.</summary>
internal static class MemoryPressure
{
    private const long Large = 1L << 30;
    private const long Small = 1L << 25;

    /// <summary>Whether it ran to the end with the rows of an undisturbed run.</summary>
    public static bool Run(string data, int limit, Device device, int smallLeft, Report report)
    {
        if (device.type == DeviceType.CPU)
        {
            throw new LogitscopeException("pressure: expected --device cuda, since it takes all memory there is, got cpu");
        }

        using var model = LanguageModel.Load(options: new() { Dtype = float64, Device = device });
        var plan = new SweepPlan(model, ExampleFile.Read(data, limit), new() { BatchSize = limit });
        var (expected, _) = Rows(plan);
        using var ballast = NewDisposeScope();
        Fill(Large);
        foreach (var spare in Fill(Small).TakeLast(smallLeft))
        {
            spare.Dispose();
        }

        var (got, together) = Rows(plan);
        var differs = expected.Zip(got).Max(pair => Math.Abs(pair.First.Surprisal - pair.Second.Surprisal));
        report.Say($"{limit} prompts in one batch with about {smallLeft * Small >> 20} MiB of {device} left: "
            + $"{together} ran together in the end; surprisals differ by {differs:E1}");
        return differs <= 1e-9;

        List<Tensor> Fill(long bytes)
        {
            var taken = new List<Tensor>();
            try
            {
                while (true)
                {
                    taken.Add(empty([bytes], ScalarType.Byte, device));
                }
            }
            catch (Exception error) when (TorchRuntime.ErrorOf(error) is TorchOutOfMemoryException)
            {
                return taken;
            }
        }
    }

    private static (IReadOnlyList<SweepRow> Rows, int Together) Rows(SweepPlan plan)
    {
        using var engine = new SweepEngine(plan);
        return (engine.Run(0, CancellationToken.None), engine.Together);
    }
}
