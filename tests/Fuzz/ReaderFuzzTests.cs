using System.Diagnostics;
using Logitscope.Tests.Checkpoints;
using Logitscope.Tests.Golden;
using TorchSharp;

namespace Logitscope.Tests.Fuzz;

/// <summary>
/// Damaged files of each format are read or refused with a typed error of one line, within a bounded time and memory.
/// What opens must also read.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ReaderFuzzTests : IDisposable
{
    private const long MostBytes = 256 << 20;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    private static readonly byte[] s_json = [.. "0123456789-{}[],:\"eF\\. tn"u8];
    private static readonly byte[] s_pickle = [.. "(c.}])NXKMJQRbtuseahijqrPK/"u8, 0x80, 0x81, 0x85, 0x86, 0x87, 0x8A, 0x93, 0x94, 0, 1, 0xFF];

    private readonly TemporaryFolder _folder = TemporaryFolder.Fast();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Formats() => ["safetensors", "PyTorch", "index", "config"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Two_thousand_damaged_files_are_read_or_refused(string format) => Fuzz(format, 2_000);

    [Theory]
    [MemberData(nameof(Formats))]
    [Trait("Tier", "slow")]
    public void Two_hundred_thousand_damaged_files_are_read_or_refused(string format) => Fuzz(format, 200_000);

    private void Fuzz(string format, int files)
    {
        switch (format)
        {
            case "safetensors":
                Fuzz(files, "x.safetensors", s_json, [SmallSafetensors()], ReadAll);
                break;
            case "PyTorch":
                Fuzz(files, "x.bin", s_pickle, [RawPyTorch.Sound, File.ReadAllBytes(TorchFiles.Committed("kinds.bin"))], ReadAll);
                break;
            case "index":
                _folder.Write("a.safetensors", SmallSafetensors());
                Fuzz(files, "x.safetensors.index.json", s_json, [SmallIndex()], ReadAll);
                break;
            default:
                Fuzz(files, "config.json", s_json, [.. GoldenModel.Names.Select(ConfigOf)], ReadConfig);
                break;
        }
    }

    private void Fuzz(int files, string name, byte[] alphabet, byte[][] sound, Action<string> read)
    {
        Assert.All(sound, bytes => read(_folder.Write(name, bytes)));
        var damage = new Damage(seed: files, alphabet);
        var (refused, slowest) = (0, TimeSpan.Zero);
        for (var i = 0; i < files; i++)
        {
            var damaged = damage.Of(sound[i % sound.Length]);
            var path = _folder.Write(name, damaged);
            var (start, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                read(path);
            }
            catch (LogitscopeException error)
            {
                refused++;
                Assert.DoesNotContain('\n', error.Message);
            }
            catch (Exception error)
            {
                Assert.Fail($"file {i}, {Convert.ToBase64String(damaged)}: {error}");
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
            slowest = Stopwatch.GetElapsedTime(start) is var took && took > slowest ? took : slowest;
        }

        Assert.InRange(slowest, TimeSpan.Zero, s_longest);
        Assert.InRange(refused, files / 4, files - 1);
    }

    private static void ReadAll(string path)
    {
        using var scope = torch.NewDisposeScope();
        var file = CheckpointFile.Open(path);
        foreach (var (name, entry) in file.Entries)
        {
            Assert.Equal(entry.Shape, file.Read(name).contiguous().shape);
            Assert.Equal(entry.Elements, file.ReadPieces(name, entry.Type, allowNonfinite: true).Sum(piece => piece.Piece.NumberOfElements));
        }
    }

    private static void ReadConfig(string path) => Families.ReadConfig(ConfigReader.Open(Path.GetDirectoryName(path)!));

    private static byte[] ConfigOf(string model) => File.ReadAllBytes(Path.Combine(GoldenModel.FolderOf(model), "config.json"));

    private static byte[] SmallIndex() =>
        """{"metadata": {"total_size": 25}, "weight_map": {"a": "a.safetensors", "b": "a.safetensors"}}"""u8.ToArray();

    private static byte[] SmallSafetensors() => RawSafetensors.Make(
        $"{{\"__metadata__\":{{\"format\":\"pt\"}},{RawSafetensors.Entry("a", "F32", "[2, 3]", 0, 24)},"
        + $"{RawSafetensors.Entry("b", "U8", "[1]", 24, 25)},{RawSafetensors.Entry("c", "BF16", "[2, 0]", 25, 25)},"
        + $"{RawSafetensors.Entry("d", "I64", "[2]", 25, 41)}}}",
        dataBytes: 41);
}
