namespace Logitscope.Bench;

/// <summary>The rates of the source pass and of the wavefront against the bare matrix product's, at GPT-J 6B's width.</summary>
internal static class Rates
{
    public static void Run(int layers, int prompts, int tokens, ScalarType dtype, Device device, int rounds, Report report)
    {
        using var scope = NewDisposeScope();
        using var model = RandomGptJ.Make(RandomGptJ.Config(layers), new() { Dtype = dtype, Device = device });
        var (hidden, inner) = (RandomGptJ.Width, 4 * RandomGptJ.Width);
        var blockWeights = (4.0 * hidden * hidden) + (2.0 * hidden * inner);
        var sources = Enumerable.Range(0, prompts)
            .Select(p => model.FromIds(Enumerable.Range(0, tokens).Select(i => ((p * tokens) + i) * 7919 % 50257))).ToArray();
        Place[] places = [.. Enumerable.Range(0, prompts).Select(p => new Place(p, tokens - 1))];
        using var wavefront = new Wavefront(model, model.FromIds([50256, 30]), ^1);
        using var rows = randn([prompts * tokens / Math.Max(1, layers - 1), hidden], dtype, device);
        LayerPatch[] patches = [.. Enumerable.Range(0, layers).Select(layer => new LayerPatch(new(layer, Site.ResidPost), rows))];
        var climbed = rows.size(0) * layers * (layers - 1) / 2;
        var factor = randn([prompts * tokens, hidden], dtype, device);
        var matrix = model.Weights["transformer.h.0.mlp.fc_in.weight"];
        var unembedded = rows.narrow(0, 0, Math.Min(rows.size(0), 256));

        // In turns, so that what else the machine does disturbs all alike.
        double[] best = [.. Enumerable.Repeat(double.PositiveInfinity, 4)];
        for (var round = 0; round <= rounds; round++)
        {
            Time(0, () => nn.functional.linear(factor, matrix));
            Time(1, () =>
            {
                using var run = SourceRun.Read(model, sources, places);
                return run.Last().clone();
            });
            Time(2, () => wavefront.Run(patches));
            Time(3, () => model.Unembed(unembedded));
        }

        report.Say($"GPT-J's width, {layers} layers, {dtype} on {device.type}: {prompts} prompts of {tokens} tokens; "
            + $"{climbed} rows through a block in the wavefront");
        report.Row("work", "TFLOP", "seconds", "GFLOP/s", "of the matrix product's rate");
        var rate = Line("matrix product [tokens, 4096] x [4096, 16384]", 2.0 * prompts * tokens * hidden * inner, best[0], 0);
        Line("source pass", (2.0 * prompts * tokens * layers * blockWeights) + (4.0 * hidden * prompts * tokens * tokens * layers), best[1], rate);
        Line("wavefront", 2.0 * climbed * blockWeights, best[2], rate);
        Line("unembedding of 256 rows", 2.0 * unembedded.size(0) * hidden * RandomGptJ.Vocabulary, best[3], rate);

        double Line(string work, double flop, double seconds, double of)
        {
            report.Row(work, $"{flop / 1e12:F2}", $"{seconds:F2}", $"{flop / seconds / 1e9:F0}", of == 0 ? "" : $"{flop / seconds / of:P0}");
            return flop / seconds;
        }

        void Time(int which, Func<Tensor> run) => best[which] = Math.Min(best[which], Watch.Best(1, () =>
        {
            using var once = NewDisposeScope();
            return run().reshape(-1).select(0, 0).to(float32).cpu().ToDouble(); // a GPU answers before it is done
        }).Seconds);
    }
}
