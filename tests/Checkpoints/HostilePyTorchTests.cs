using System.Text;
using static Logitscope.Tests.Checkpoints.RawPyTorch;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Checkpoints;

/// <summary>A file of torch.save from a stranger is read right or refused, with its name and the tensor's in the message.</summary>
public sealed class HostilePyTorchTests : IDisposable
{
    private const long Huge = long.MaxValue;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<byte[], string[]> Tensors() => new()
    {
        { Tensor("FloatStorage", "0", 6, 0, [7], [1]), ["'w'", "a place within 6 numbers", "[7]"] },
        { Tensor("FloatStorage", "0", 6, 1, [2, 3], [3, 1]), ["'w'", "a place within 6 numbers", "offset 1"] },
        { Tensor("FloatStorage", "0", 6, 0, [2, 2], [5, 1]), ["'w'", "a place within 6 numbers", "strides [5, 1]"] },
        { Tensor("FloatStorage", "0", 6, -1, [2], [1]), ["'w'", "an offset >= 0"] },
        { Tensor("FloatStorage", "0", 6, 0, [-2], [1]), ["'w'", "sizes, strides", "[-2]"] },
        { Tensor("FloatStorage", "0", 6, 0, [2], [-1]), ["'w'", "sizes, strides", "[-1]"] },
        { Tensor("FloatStorage", "0", 6, 0, [2, 3], [1]), ["'w'", "for each dimension"] },
        { Tensor("FloatStorage", "0", 6, 0, [Huge, Huge], [0, 0]), ["'w'", "a place within 6 numbers"] },
        { Tensor("FloatStorage", "0", 6, Huge, [2], [1]), ["'w'", "a place within 6 numbers"] },
        { Tensor("FloatStorage", "0", 6, 0, [(1 << 26) + 1], [0]), ["'w'", "a place within 6 numbers"] }, // one number again and again
        { Tensor("FloatStorage", "0", 6, 0, [1L << 32, 1L << 32], [0, 0]), ["'w'", "a place within 6 numbers"] },
        { Tensor("FloatStorage", "0", 6, 5, [4, 2], [0, 1]), ["'w'", "a place within 6 numbers"] },
        { Tensor("FloatStorage", "0", 6, 0, [.. new long[65]], [.. new long[65]]), ["more than 64 dimensions"] },
        { Tensor("FloatStorage", "1", 6, 0, [6], [1]), ["'w'", "'r/data/1'", "got no such file"] },
        { Tensor("FloatStorage", "../../etc/passwd", 6, 0, [6], [1]), ["'w'", "got no such file"] },
        { Tensor("FloatStorage", "0", 7, 0, [6], [1]), ["'w'", "7 numbers of Float32", "got 24 bytes"] },
        { Tensor("DoubleStorage", "0", 6, 0, [6], [1]), ["'w'", "6 numbers of Float64", "got 24 bytes"] },
        { Tensor("DoubleStorage", "0", Huge, 0, [6], [1]), ["'w'", "got 24 bytes"] },
        { Tensor("FloatStorage", "0", -6, 0, [6], [1]), ["BinPersId"] },
        { Tensor("QInt8Storage", "0", 6, 0, [6], [1]), ["'torch.QInt8Storage'", "quantised weights"] },
        { Text("a text"), ["'w' is a text"] },
        { [(byte)'N'], ["'w' is nothing"] },
        { [(byte)'}'], ["'w' is a dictionary"] },
    };

    public static TheoryData<byte[], string[]> Pickles() => new()
    {
        { "cos\nsystem\n(X\u0002\0\0\0lstR."u8.ToArray(), ["'os.system'", "was not run"] },
        { "cposix\nsystem\nq\0(X\u0002\0\0\0lstR."u8.ToArray(), ["'posix.system'"] },
        { "cbuiltins\neval\n(X\u0001\0\0\01tR."u8.ToArray(), ["'builtins.eval'"] },
        { "c__builtin__\nexec\n."u8.ToArray(), ["'__builtin__.exec'"] },
        { "ctorch\nload\n."u8.ToArray(), ["'torch.load'"] },
        { "ctorch._utils\n_rebuild_tensor_v3\n."u8.ToArray(), ["'torch._utils._rebuild_tensor_v3'", "float8"] },
        { "ctorch\nfloat8_e4m3fn\n."u8.ToArray(), ["'torch.float8_e4m3fn'", "not implemented"] },
        { "ctorch._utils\n_rebuild_tensor_v2.__globals__\n."u8.ToArray(), ["__globals__"] },
        { "(X\u0002\0\0\0lsios\nsystem\n."u8.ToArray(), ["'os.system'"] }, // INST
        { [0x80, 4, 0x8C, 2, .. "os"u8, 0x8C, 6, .. "system"u8, 0x93, (byte)'.'], ["'os.system'"] }, // protocol 4
        { [.. Global("collections", "OrderedDict"), .. "(NtR."u8], ["OrderedDict has arguments"] },
        { [.. Global("torch", "FloatStorage"), .. ")R."u8], ["a Reduce has operands that no state dict has"] },
        { "]}b."u8.ToArray(), ["Build"] },
        { "NN\u0081."u8.ToArray(), ["got 0xC2"] },
        { "]."u8.ToArray(), ["a dictionary of tensors"] },
        { "."u8.ToArray(), ["expected one value"] },
        { "NN."u8.ToArray(), ["expected one value"] },
        { "(."u8.ToArray(), ["expected one value"] },
        { ""u8.ToArray(), ["it is cut"] },
        { "X\u0005\0\0\0ab"u8.ToArray(), ["it is cut"] },
        { [(byte)'X', 0xFF, 0xFF, 0xFF, 0xFF], ["texts of up to", "4294967295"] },
        { [(byte)'X', 1, 0, 0, 0, 0xFF, (byte)'.'], ["not UTF-8"] },
        { [0x8A, 9, .. new byte[9], (byte)'.'], ["up to 8 bytes, got 9"] },
        { "h\u0007."u8.ToArray(), ["remembers no value 7"] },
        { "t."u8.ToArray(), ["no mark"] },
        { "a."u8.ToArray(), ["stack is empty"] },
        { "}Nu."u8.ToArray(), ["no mark"] },
        { "}(Nu."u8.ToArray(), ["SetItems"] },
        { "}(NNu."u8.ToArray(), ["a key that is no text"] },
        { [0x80, 9, (byte)'.'], ["protocol 2 to 5, got 9"] },
        { "(I1\nt."u8.ToArray(), ["got 0x49"] },
        { [.. "("u8, .. Enumerable.Repeat((byte)'N', 1_500_000), .. "t."u8], ["on the stack"] },
        { "N(Ne."u8.ToArray(), ["Append"] },
        { new byte[(16 << 20) + 1], ["at most 16777216 bytes"] },
    };

    public static TheoryData<byte[], string[]> Archives()
    {
        var data = Sound;
        var longer = BitConverter.ToUInt16(data, 18) + 4; // four bytes into the next header
        ReadOnlySpan<byte> entry = "PK\x01\x02"u8, local = "PK\x03\x04"u8, end = "PK\x05\x06"u8;
        return new()
        {
            { Patch(data, entry, 8, 1), ["'r/data.pkl' is encrypted"] },
            { Patch(data, local, 6, 1), ["'r/data.pkl' is encrypted"] },
            { Patch(data, entry, 10, 8), ["compression method 0", "got 8"] },
            { Patch(data, local, 8, 8), ["compression method 0", "got 8"] },
            { Patch(data, entry, 20, 7), ["'r/data.pkl'", "stored"] },
            { Patch(data, local, 22, 7), ["its local header says 7"] },
            { Patch(data, local, 26, 3), ["its local header has another name"] },
            { Patch(data, local, 28, 60000), ["its local header has another name"] },
            { Patch(Patch(Patch(data, entry, 20, longer), entry, 24, longer), local, 22, longer), ["'r/data.pkl' overlaps"] },
            { Patch(data, entry, 42, 9), ["expected a local header at byte 9"] },
            { Patch(data, entry, 42, 60000), ["'r/data.pkl'", "at 60000"] },
            { Patch(Patch(data, entry, 20, ushort.MaxValue), entry, 22, ushort.MaxValue), ["expected a ZIP64 size"] },
            { Patch(data, end, 10, 9), ["expected 9 files, got 3"] },
            { Patch(data, end, 12, 9), ["expected a directory"] },
            { Patch(data, end, 16, 9), ["expected a directory"] },
            { Patch(data, end, 20, 9), ["directory is missing"] },
            { Replace(data, "PK\x01\x02"u8, "PK\x01\x07"u8), ["is no entry"] },
            { data[..^1], ["truncated"] },
            { [.. data, 0], ["truncated"] },
            { Zip(("r/data.pkl", []), ("r/data.pkl", [])), ["two files 'r/data.pkl'"] },
            { Zip(("r/data.pkl", []), ("../x", [])), ["plain file names, got '../x'"] },
            { Zip(("r/data.pkl", []), ("/x", [])), ["plain file names, got '/x'"] },
            { Zip(("r/data.pkl", []), ("r/../../x", [])), ["plain file names"] },
            { Zip(("r/data.pkl", []), ("r\\x", [])), ["plain file names"] },
            { Zip(("r/data.pkl", []), ("r/x\n", [])), ["plain file names"] },
            { Zip(("data.pkl", [])), ["expected one ROOT/data.pkl", "got 0"] },
            { Zip(("a/data.pkl", []), ("b/data.pkl", [])), ["expected one ROOT/data.pkl", "got 2"] },
            { Zip(("r/data.pkl", []), ("r/byteorder", "big"u8.ToArray())), ["byte order 'little'"] },
            { Zip(), ["expected one ROOT/data.pkl"] },
            { "not an archive"u8.ToArray(), ["starts with PK", "6E6F7420"] },
            { [], ["0 bytes"] },
            { Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), ["Git LFS pointer"] },
        };
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_sound_file_is_read()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2, 3], Open(Sound).Read("w").shape);
    }

    // torch.save writes a view that torch.expand made as it is: with a stride of 0.
    [Fact]
    public void An_expanded_view_is_read_and_its_size_is_that_of_the_model()
    {
        using var scope = NewDisposeScope();
        var numbers = new byte[24];
        Buffer.BlockCopy(new[] { 1f, 2, 3, 4, 5, 6 }, 0, numbers, 0, 24);
        var file = Open(With(StateDict(("w", Tensor("FloatStorage", "0", 6, 1, [2, 3, 2], [2, 0, 1]))), numbers));
        float[] expected = [2, 3, 2, 3, 2, 3, 4, 5, 4, 5, 4, 5];
        Assert.Equal(expected, file.Read("w").data<float>().ToArray());
        Assert.Equal(expected, file.Read("w", [2, 3, 2], new(float32, CPU)).data<float>().ToArray());
        Assert.Equal(expected.Select(x => (double)x), file.Read("w", [2, 3, 2], new(float64, CPU)).data<double>().ToArray());
        var huge = Open(With(StateDict(("w", Tensor("FloatStorage", "0", 6, 0, [1 << 26], [0]))), numbers));
        Refusal.Of(() => huge.Read("w", [2, 3], new(float32, CPU)), "'w'", "expected shape [2, 3]", "got [67108864]");
    }

    [Theory]
    [MemberData(nameof(Tensors))]
    public void A_tensor_that_does_not_fit_its_storage_is_refused(byte[] tensor, string[] words) =>
        Refused(With(StateDict(("w", tensor)), new byte[24]), words);

    [Fact]
    public void A_name_twice_is_refused()
    {
        var tensor = Tensor("FloatStorage", "0", 6, 0, [6], [1]);
        Refused(With(StateDict(("w", tensor), ("w", tensor)), new byte[24]), "'w' is declared twice");
    }

    [Theory]
    [MemberData(nameof(Pickles))]
    public void A_pickle_that_does_more_than_a_state_dict_is_refused(byte[] pickle, string[] words) =>
        Refused(With(pickle, new byte[24]), words);

    [Theory]
    [MemberData(nameof(Archives))]
    public void An_archive_that_can_be_read_in_two_ways_is_refused(byte[] archive, string[] words) => Refused(archive, words);

    [Fact]
    public void A_real_file_cut_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(TorchFiles.Committed("kinds.bin"));
        for (var length = 0; length < whole.Length; length += 7)
        {
            Refused(whole[..length]);
        }
    }

    [Fact]
    public void The_format_before_1_6_is_told_with_the_way_out() => Says(
        Assert.Throws<CheckpointException>(() => PyTorchFile.Open(TorchFiles.Committed("legacy.bin"))),
        "legacy.bin", "PyTorch 1.6", "torch.save(torch.load(FILE), FILE)");

    [Fact]
    public void A_training_checkpoint_is_told_apart_from_a_state_dict() => Says(
        Assert.Throws<CheckpointException>(() => PyTorchFile.Open(TorchFiles.Committed("checkpoint.bin"))),
        "checkpoint.bin", "'epoch' is a number", "save the state dict alone");

    private PyTorchFile Open(byte[] bytes) => PyTorchFile.Open(_folder.Write("x.bin", bytes));

    private void Refused(byte[] bytes, params string[] words) =>
        Refusal.Of(() => Open(bytes), ["x.bin", .. words]);
}
