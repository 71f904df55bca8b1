using System.Buffers.Binary;
using static Logitscope.Tests.Checkpoints.RawSafetensors;
using static Logitscope.Tests.Models.TinyModel;

namespace Logitscope.Tests.Checkpoints;

/// <summary>A file from a stranger is read right or refused, with its name and the tensor's in the message.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const long Huge = long.MaxValue;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string[]> Headers() => new()
    {
        { Entry("a", "F32", "[2]", 0, 8) + "," + Entry("b", "F32", "[2]", 4, 12), ["'b'", "overlap or gap"] },
        { Entry("a", "F32", "[2]", 0, 8) + "," + Entry("b", "F32", "[2]", 0, 8), ["overlap or gap"] },
        { Entry("a", "F32", "[1]", 0, 4) + "," + Entry("b", "F32", "[1]", 8, 12), ["'b'", "overlap or gap"] },
        { Entry("a", "F32", "[2]", 4, 12), ["'a'", "overlap or gap"] },
        { Entry("a", "F32", "[2]", 0, 8), ["expected a file of", "got"] }, // four bytes that no tensor has
        { Entry("a", "F32", "[4]", 0, 16), ["'a'", "data_offsets within 0..12", "[0, 16]"] },
        { Entry("a", "F32", "[3]", -4, 8), ["'a'", "data_offsets within", "[-4, 8]"] },
        { Entry("a", "F32", "[3]", 12, 0), ["'a'", "data_offsets within", "[12, 0]"] },
        { Entry("a", "U8", $"[{Huge}]", 0, Huge), ["'a'", "data_offsets within"] },
        { Entry("a", "F32", "[-3]", 0, 12), ["'a'", "sizes >= 0", "-3"] },
        { Entry("a", "F32", "[-1, -3]", 0, 12), ["'a'", "sizes >= 0", "-3"] },
        { Entry("a", "F32", $"[{Huge}, 2]", 0, 12), ["'a'", "too large"] },
        { Entry("a", "F32", "[4294967296, 4294967296]", 0, 0), ["'a'", "too large"] },
        { Entry("a", "F64", $"[{Huge}]", 0, 12), ["'a'", "too large"] },
        { Entry("a", "F32", $"[{Huge}, {Huge}, 0]", 0, 0), ["'a'", "too large"] },
        { Entry("a", "F32", "[2]", 0, 12), ["'a'", "expected 8 bytes", "got 12"] },
        { Entry("a", "F64", "[3]", 0, 12), ["'a'", "expected 24 bytes", "got 12"] },
        { Entry("a", "Q4", "[3]", 0, 12), ["'a'", "unknown dtype 'Q4'"] },
        { Entry("a", "f32", "[3]", 0, 12), ["'a'", "unknown dtype 'f32'"] },
        { Entry("a", "F32", "[1]", 0, 4) + "," + Entry("a", "F32", "[2]", 4, 12), ["'a'", "declared twice"] },
        { """ "a":{"dtype":"F32","shape":[3],"data_offsets":[0,12,12]} """, ["'a'", "data_offsets"] },
        { """ "a":{"dtype":"F32","shape":[3],"data_offsets":[]} """, ["'a'", "data_offsets"] },
        { """ "a":{"dtype":"F32","shape":[3]} """, ["not valid"] },
        { """ "a":{"shape":[3],"data_offsets":[0,12]} """, ["not valid"] },
        { """ "a":{"dtype":"F32","data_offsets":[0,12]} """, ["not valid"] },
        { """ "a":{"dtype":null,"shape":[3],"data_offsets":[0,12]} """, ["'a'", "unknown dtype"] },
        { """ "a":{"dtype":7,"shape":[3],"data_offsets":[0,12]} """, ["not valid"] },
        { """ "a":{"dtype":"F32","shape":3,"data_offsets":[0,12]} """, ["not valid"] },
        { """ "a":{"dtype":"F32","shape":["3"],"data_offsets":[0,12]} """, ["not valid"] },
        { """ "a":{"dtype":"F32","shape":[3.5],"data_offsets":[0,12]} """, ["not valid"] },
        { """ "a":{"dtype":"F32","shape":[1e30],"data_offsets":[0,12]} """, ["not valid"] },
        { """ "a":{"dtype":"F32","shape":[3],"data_offsets":[0,99999999999999999999]} """, ["not valid"] },
        { """ "a":[1,2,3] """, ["not valid"] },
        { """ "a":null """, ["not valid"] },
        { """ "\ud800":{"dtype":"F32","shape":[3],"data_offsets":[0,12]} """, ["not valid"] },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_header_that_does_not_fit_its_file_is_refused(string entries, string[] words) =>
        Refused(Make($"{{{entries}}}", dataBytes: 12), words);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{} {}")]
    [InlineData("{'a':1}")]
    [InlineData("\u0000")]
    public void A_header_that_is_no_JSON_object_is_refused(string header) =>
        Refused(Make(header, dataBytes: 0), "header is not valid");

    [Fact]
    public void A_header_that_is_nested_without_end_is_refused() =>
        Refused(Make(new string('[', 100_000), dataBytes: 0), "header is not valid");

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(100_000_001)]
    [InlineData(93)]
    public void A_header_longer_than_the_file_is_refused_before_it_is_read(ulong declared)
    {
        var file = new byte[100];
        BinaryPrimitives.WriteUInt64LittleEndian(file, declared);
        Refused(file, "expected a header of at most 92 bytes", $"got {declared}");
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var whole = Make($"{{{Entry("a", "F32", "[3]", 0, 12)}}}", dataBytes: 12);
        Assert.Equal([3], Open(whole).Entries["a"].Shape);
        for (var length = 0; length < whole.Length; length++)
        {
            Refused(whole[..length]);
        }

        Refused([.. whole, 0], "expected a file of");
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused()
    {
        var path = Path.Combine(_folder.Path, "none.safetensors");
        Says(Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path)), path);
        Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(_folder.Path));
    }

    [Fact]
    public void A_name_that_the_file_has_not_is_told()
    {
        var file = Open(Make($"{{{Entry("a", "F32", "[3]", 0, 12)}}}", dataBytes: 12));
        Says(Assert.Throws<CheckpointException>(() => file.Read("b")), file.Path, "'b'");
        var shaped = Assert.Throws<CheckpointException>(() => file.Read("a", [3, 1]));
        Says(shaped, file.Path, "'a'", "expected shape [3, 1]", "got [3]");
    }

    private SafetensorsFile Open(byte[] bytes) => SafetensorsFile.Open(_folder.Write("x.safetensors", bytes));

    private void Refused(byte[] bytes, params string[] words) =>
        Refusal.Of(() => Open(bytes), ["x.safetensors", .. words]);
}
