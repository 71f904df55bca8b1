using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Logitscope.World;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

/// <summary>
/// What a sweep says that it will take beside the weights, against what its process takes from then on.
/// </summary>
public sealed partial class SweepMemoryTests : IDisposable
{
    private const double MostOff = 1.5;
    private const int Vocabulary = 64;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Heads of 2 over long prompts, whose scores are everything; heads of 128 over short prompts, whose scores are nothing.
    [Theory]
    [InlineData(8, 4, 3000, 1)]
    [InlineData(2048, 8, 20, 64)]
    public void The_estimate_is_near_what_the_process_takes(int hidden, int heads, int tokens, int prompts) =>
        IsNear(hidden, heads, tokens, prompts);

    [Theory]
    [InlineData(8, 4, 8000, 1)]
    [InlineData(8, 1, 6000, 2)]
    [InlineData(256, 4, 1000, 2)]
    [InlineData(256, 4, 1000, 16)]
    [InlineData(256, 4, 1000, 64)]
    [InlineData(512, 8, 300, 64)]
    [InlineData(256, 8, 500, 128)] // two batches, which run at once where there are two cores
    [InlineData(256, 4, 1000, 32)]
    [InlineData(256, 64, 500, 8)]
    [InlineData(1024, 8, 30, 64)]
    [InlineData(1024, 8, 3000, 2)]
    [InlineData(1024, 64, 1000, 4)]
    [Trait("Tier", "slow")]
    public void The_estimate_is_near_for_every_shape(int hidden, int heads, int tokens, int prompts) =>
        IsNear(hidden, heads, tokens, prompts);

    private void IsNear(int hidden, int heads, int tokens, int prompts)
    {
        WriteModel(hidden, heads, context: tokens);
        var (taken, told) = Sweep(tokens, prompts);
        Assert.True(taken > 100, $"{taken:N0} MB are too few to be told from what every process takes");
        Assert.True(
            told / taken is > 1 / MostOff and < MostOff, $"{hidden}/{heads}, {prompts} x {tokens}: expected about {taken:N0} MB, got an estimate of {told:N0}");
    }

    private void WriteModel(int hidden, int heads, int context)
    {
        using var scope = NewDisposeScope();
        var sizes = new GptJConfig
        {
            NEmbd = hidden,
            NHead = heads,
            NLayer = 2,
            NPositions = context,
            RotaryDim = 2,
            NInner = 4 * hidden,
            VocabSize = Vocabulary,
            LayerNormEpsilon = 1e-5,
        };
        sizes.Write(_folder.Path);
        using var model = new GptJ(sizes, new WeightReader(new RandomWeights(1), float32, CPU), new());
        SafetensorsWriter.Write(_folder.PathOf("model.safetensors"), [.. model.Weights.Select(pair => (pair.Key, pair.Value))]);
    }

    private (double Taken, double Told) Sweep(int tokens, int prompts)
    {
        var rows = Enumerable.Range(0, prompts)
            .Select(prompt => JsonSerializer.Serialize(new { ids = Enumerable.Range(prompt, tokens).Select(id => id % Vocabulary) }));
        var data = _folder.Write("prompts.jsonl", string.Join('\n', rows));
        var program = Path.Combine(AppContext.BaseDirectory, "logitscope.dll");
        using var folder = new TemporaryFolder();
        using var sweep = Process.Start(new ProcessStartInfo(
            "dotnet",
            [program, "sweep", "--model", _folder.Path, "--data", data, "--positions", "Last", "--methods", "logit-lens", "--out", folder.PathOf("out")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var output = sweep.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var (said, before, peak) = (new StringBuilder(), 0L, 0L);
        while (before == 0 && sweep.StandardError.ReadLine() is { } line)
        {
            said.AppendLine(line);
            if (MegabytesMore().IsMatch(line))
            {
                before = StatusOf(sweep.Id, "VmRSS");
                File.WriteAllText($"/proc/{sweep.Id}/clear_refs", "5"); // the peak begins anew: what loading took is not the sweep's
            }
        }

        var rest = sweep.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (!sweep.WaitForExit(5))
        {
            peak = Math.Max(peak, StatusOf(sweep.Id, "VmHWM"));
        }

        Assert.True(sweep.ExitCode == 0 && before > 0, said + rest.Result + output.Result);
        var told = double.Parse(MegabytesMore().Match(said.ToString()).Groups[1].ValueSpan, NumberStyles.Number, CultureInfo.InvariantCulture);
        return ((peak - before) * 1024 / 1e6, told);
    }

    private static long StatusOf(int process, string field)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }

    [GeneratedRegex(@"up to ([\d,]+) MB more")]
    private static partial Regex MegabytesMore();
}
