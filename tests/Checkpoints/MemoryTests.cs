using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Logitscope.Cli.Commands;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Checkpoints;

/// <summary>Reading takes the memory of the weights and of a few pieces, however large the file is.</summary>
[Collection(nameof(Alone))]
public sealed partial class MemoryTests : IDisposable
{
    private const long Mebibyte = 1 << 20;
    private const long Slack = 96 * Mebibyte;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_of_256_MiB_in_another_type_takes_the_weights_and_little_more() => Measure(tensors: 4, mebibytes: 64);

    [Fact]
    [Trait("Tier", "slow")]
    public void A_file_of_2_GiB_in_another_type_takes_the_weights_and_little_more() => Measure(tensors: 2, mebibytes: 1024);

    [Fact]
    public void A_conversion_takes_a_few_pieces()
    {
        var source = WriteModel(tensors: 4, mebibytes: 64);
        Assert.InRange(PeakGrowth(() => Conversion.Run(source, _folder.PathOf("out"), new() { Dtype = bfloat16 })), 0, Slack);
        Assert.True(new FileInfo(_folder.PathOf("out", "model.safetensors")).Length > 128 * Mebibyte);
    }

    [Fact]
    public void Weights_on_disk_in_the_type_wanted_are_not_copied()
    {
        using var scope = NewDisposeScope();
        var file = PyTorchFile.Open(Path.Combine(TorchFiles.Committed("pytorch"), "pytorch_model.bin"));
        var whole = file.Read("transformer.wte.weight", [37, 24], new(float32, CPU));
        Assert.EndsWith("pytorch_model.bin", FileUnder(MemoryOf(whole)), StringComparison.Ordinal);
        Assert.Equal(37 * 24, whole.NumberOfElements);
    }

    private void Measure(int tensors, int mebibytes)
    {
        var checkpoint = CheckpointFile.OpenFolder(WriteModel(tensors, mebibytes));
        using var scope = NewDisposeScope();
        long[] shape = [mebibytes * Mebibyte / sizeof(float)];
        var grown = PeakGrowth(() =>
        {
            foreach (var name in checkpoint.Entries.Keys)
            {
                checkpoint.Read(name, shape, new(bfloat16, CPU));
            }
        });
        var weights = tensors * mebibytes * Mebibyte / 2;
        Assert.InRange(grown, weights - Slack, weights + Slack); // were the file counted, it would be three times as much
    }

    // The storages are holes of the file: all zeros, and no time to write.
    private string WriteModel(int tensors, int mebibytes)
    {
        var numbers = mebibytes * Mebibyte / sizeof(float);
        var header = string.Join(',', Enumerable.Range(0, tensors).Select(i => RawSafetensors.Entry(
            $"w.{i}", "F32", $"[{numbers}]", i * numbers * sizeof(float), (i + 1) * numbers * sizeof(float))));
        var sound = RawSafetensors.Make($"{{{header}}}", []);
        using var file = File.OpenWrite(_folder.Write("model.safetensors", sound));
        file.SetLength(sound.Length + (tensors * mebibytes * Mebibyte));
        _folder.Write("config.json", "{}");
        return _folder.Path;
    }

    private static long PeakGrowth(Action action)
    {
        using (var first = zeros([1 << 22]))
        using (first.to(bfloat16))
        {
            // libtorch and its threads are there now, and do not count; what other tests have freed counts when it is used.
            GC.Collect();
            _ = ReturnFreeMemory(0);
        }

        File.WriteAllText("/proc/self/clear_refs", "5"); // the peak starts again at what is there now
        var before = Kibibytes("VmRSS");
        action();
        return (Kibibytes("VmHWM") - before) * 1024;
    }

    private static unsafe nint MemoryOf(Tensor tensor) =>
        (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    private static string FileUnder(nint address) => File.ReadLines("/proc/self/maps").Single(line =>
    {
        var ends = line.Split(' ')[0].Split('-').Select(end => nint.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        return ends.First() <= address && address < ends.Last();
    });

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int ReturnFreeMemory(nuint keep);

    private static long Kibibytes(string field) => long.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith(field + ":", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
