using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Checkpoints;

/// <summary>The same model in every format has the same weights, bit for bit.</summary>
public sealed class FormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, string> Folders() => new()
    {
        { "pytorch", "PyTorch" },
        { "sharded-pytorch", "PyTorch, 3 shards" },
        { "sharded-safetensors", "safetensors, 3 shards" },
    };

    public static TheoryData<ScalarType, ScalarType> Pairs()
    {
        ScalarType[] types = [float16, bfloat16, float32, float64];
        return [.. types.SelectMany(stored => types.Select(wanted => (stored, wanted)))];
    }

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_of_any_format_is_the_same_model(string name, string format)
    {
        using var expected = LanguageModel.Load(TorchFiles.Models()[0]);
        using var got = LanguageModel.Load(TorchFiles.Committed(name));
        Assert.Equal(expected.Weights.Keys, got.Weights.Keys);
        foreach (var (weight, value) in expected.Weights)
        {
            Identical(value, got.Weights[weight], weight);
        }

        Assert.Equal(expected.Fingerprint, got.Fingerprint);
        Assert.Equal(format, CheckpointFile.OpenFolder(TorchFiles.Committed(name)).Format);
    }

    [Fact]
    public void Every_kind_of_tensor_that_torch_saves_comes_back_bit_for_bit() =>
        SameKinds(TorchFiles.Committed("kinds.bin"), TorchFiles.Committed("kinds.safetensors"));

    [Fact]
    public void What_the_torch_of_this_machine_saves_comes_back_bit_for_bit()
    {
        TorchFiles.WriteTo(_folder.Path);
        SameKinds(_folder.PathOf("kinds.bin"), _folder.PathOf("kinds.safetensors"));
        using var model = LanguageModel.Load(_folder.PathOf("sharded-pytorch"));
        using var expected = LanguageModel.Load(TorchFiles.Models()[0]);
        Assert.Equal(expected.Fingerprint, model.Fingerprint);
    }

    [Fact]
    public void Views_and_types_are_what_they_were_in_Python()
    {
        var file = PyTorchFile.Open(TorchFiles.Committed("kinds.bin"));
        Assert.Equal([8, 6], file.Entries["transposed"].Shape);
        Assert.Equal([1, 8], file.Entries["transposed"].Strides!);
        Assert.Null(file.Entries["row"].Strides);
        Assert.Equal(file.Entries["base"].Offset, file.Entries["shared"].Offset);
        Assert.Equal([1.5f, -2.25f, 0, 100, 3e-5f], file.Read("float32").data<float>().ToArray());
        Assert.Equal([1L << 40, -1], file.Read("int64").data<long>().ToArray());
        Assert.Equal(3.5, file.Read("scalar").ToDouble());
        Assert.Equal([0, 5], file.Read("nothing").shape);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Any_type_on_disk_becomes_any_type_in_memory_as_torch_converts_it(ScalarType stored, ScalarType wanted)
    {
        manual_seed(7);
        var values = randn([1000, 3]).to(stored);
        SafetensorsWriter.Write(_folder.PathOf("x.safetensors"), [("x", values)]);
        var read = SafetensorsFile.Open(_folder.PathOf("x.safetensors")).Read("x", [1000, 3], new(wanted, CPU));
        Assert.Equal(wanted, read.dtype);
        Identical(values.to(wanted), read, $"{stored} to {wanted}");
    }

    [Fact]
    public void A_tensor_of_many_pieces_is_put_together_in_order()
    {
        var values = arange(0, 5_000_001, 1, float32);
        SafetensorsWriter.Write(_folder.PathOf("x.safetensors"), [("x", values)]);
        var file = SafetensorsFile.Open(_folder.PathOf("x.safetensors"));
        Identical(values.to(float64), file.Read("x", [5_000_001], new(float64, CPU)), "pieces");
        Assert.Equal([0, 2_097_152, 4_194_304], file.ReadPieces("x", bfloat16).Select(piece => piece.Start));
    }

    [Fact]
    public void A_folder_without_weights_says_what_was_looked_for_and_what_is_there()
    {
        _folder.Write("config.json", "{}");
        _folder.Write("tf_model.h5", "x");
        Says(
            Assert.Throws<CheckpointException>(() => CheckpointFile.OpenFolder(_folder.Path)),
            [_folder.Path, .. CheckpointFile.Names, "got config.json, tf_model.h5"]);
    }

    [Fact]
    public void The_first_format_that_is_there_counts()
    {
        foreach (var name in CheckpointFile.Names.Reverse())
        {
            _folder.Write(name, "broken");
            Says(Assert.Throws<CheckpointException>(() => CheckpointFile.OpenFolder(_folder.Path)), _folder.PathOf(name));
        }
    }

    private static void SameKinds(string bin, string safetensors)
    {
        var (got, expected) = (PyTorchFile.Open(bin), SafetensorsFile.Open(safetensors));
        Assert.Equal(expected.Entries.Keys, got.Entries.Keys);
        foreach (var (name, entry) in expected.Entries)
        {
            Assert.Equal(entry.Type, got.Entries[name].Type);
            Identical(expected.Read(name), got.Read(name), name);
        }
    }
}
