using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Checkpoints;

public sealed class RoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string FilePath => Path.Combine(_folder.Path, "x.safetensors");

    private static readonly ScalarType[] s_unnamed =
        [ScalarType.ComplexFloat32, ScalarType.ComplexFloat64, ScalarType.QInt8, ScalarType.QUInt8, ScalarType.QInt32];

    public static TheoryData<ScalarType> Types() => [.. Enum.GetValues<ScalarType>().Except(s_unnamed)];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_comes_back_bit_for_bit(ScalarType type)
    {
        var values = tensor([0f, 1, 2, 3, 100, 0.5f], [2, 3]).to(type);
        var read = WriteAndRead(("weights", values)).Read("weights");
        Assert.Equal(type, read.dtype);
        Identical(values, read, $"{type}");
    }

    [Fact]
    public void A_type_without_a_name_in_the_format_is_refused() =>
        Assert.Contains("got ComplexFloat32", Assert.Throws<CheckpointException>(
            () => WriteAndRead(("weights", ones([2]).to(ScalarType.ComplexFloat32)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Special_numbers_come_back_bit_for_bit()
    {
        float[] values = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, float.Epsilon];
        var read = WriteAndRead(("special", tensor(values))).Read("special").data<float>().ToArray();
        Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), read.Select(BitConverter.SingleToUInt32Bits));
    }

    [Fact]
    public void Many_tensors_keep_their_names_shapes_and_values()
    {
        (string Name, Tensor Value)[] written =
        [
            ("bytes", tensor([7f, 8, 9]).to(ScalarType.Byte)), // three bytes: what follows lies unaligned
            ("matrix", arange(0, 12, 1, float64).reshape(3, 4)),
            ("scalar", tensor([3.5]).squeeze(0)),
            ("nothing", zeros([0, 5])),
            ("name with spaces, \"quotes\", a \\ and a 猫", tensor([1L, 2])),
        ];
        var file = WriteAndRead(written);
        Assert.Equal(written.Select(tensor => tensor.Name), file.Entries.Keys);
        foreach (var (name, value) in written)
        {
            var read = file.Read(name);
            Assert.Equal(value.dtype, read.dtype);
            Identical(value, read, name);
        }

        Assert.Equal([], file.Read("scalar").shape);
        Assert.Equal([0, 5], file.Read("nothing").shape);
    }

    [Fact]
    public void A_tensor_with_strides_is_written_in_row_order()
    {
        var transposed = arange(0, 6, 1).reshape(2, 3).transpose(0, 1);
        var everySecond = arange(0, 10, 1).slice(0, 1, 10, 2);
        Assert.False(transposed.is_contiguous());
        var twice = ones([1, 2]).expand(2, 2);
        var file = WriteAndRead(("transposed", transposed), ("every second", everySecond), ("one row twice", twice));
        Assert.Equal([0, 3, 1, 4, 2, 5], file.Read("transposed").data<long>().ToArray());
        Assert.Equal([3, 2], file.Read("transposed").shape);
        Assert.Equal([1, 3, 5, 7, 9], file.Read("every second").data<long>().ToArray());
        Assert.Equal([1f, 1, 1, 1], file.Read("one row twice").data<float>().ToArray());
    }

    [Fact]
    public void Data_start_aligned_and_metadata_is_no_tensor()
    {
        SafetensorsWriter.Write(FilePath, [("a", ones([3]))], new Dictionary<string, string> { ["format"] = "pt" });
        var file = SafetensorsFile.Open(FilePath);
        Assert.Equal(["a"], file.Entries.Keys);
        Assert.Equal(0, file.Entries["a"].Offset % 8);
        Assert.Contains("\"format\":\"pt\"", File.ReadAllText(FilePath), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_tensors_is_a_file() => Assert.Empty(WriteAndRead().Entries);

    [Fact]
    public void Writing_replaces_a_file_whole_and_leaves_no_other()
    {
        WriteAndRead(("old", ones([100])));
        Assert.Equal(["new"], WriteAndRead(("new", ones([1]))).Entries.Keys);
        Assert.Equal(FilePath, Assert.Single(Directory.GetFiles(_folder.Path)));
    }

    [Fact]
    public void A_read_tensor_lives_on_when_the_file_is_replaced()
    {
        var read = WriteAndRead(("a", tensor([1f, 2]))).Read("a");
        WriteAndRead(("a", tensor([3f, 4])));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal([1f, 2], read.data<float>().ToArray());
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_told()
    {
        var path = Path.Combine(_folder.Path, "no such folder", "x.safetensors");
        Says(Assert.Throws<CheckpointException>(() => SafetensorsWriter.Write(path, [("a", ones([1]))])), path);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Data_at_any_offset_reads_right(int bytesBefore)
    {
        double[] values = [1.5, -2.25, 1e300];
        var header = $"{{{RawSafetensors.Entry("before", "U8", $"[{bytesBefore}]", 0, bytesBefore)},"
            + $"{RawSafetensors.Entry("values", "F64", "[3]", bytesBefore, bytesBefore + 24)}}}";
        byte[] data = [.. new byte[bytesBefore], .. values.SelectMany(BitConverter.GetBytes)];
        foreach (var padding in Enumerable.Range(0, 8))
        {
            var path = _folder.Write($"{padding}", RawSafetensors.Make(header + new string(' ', padding), data));
            Assert.Equal(values, SafetensorsFile.Open(path).Read("values").data<double>().ToArray());
        }
    }

    private SafetensorsFile WriteAndRead(params (string Name, Tensor Value)[] tensors)
    {
        SafetensorsWriter.Write(FilePath, tensors);
        return SafetensorsFile.Open(FilePath);
    }
}
