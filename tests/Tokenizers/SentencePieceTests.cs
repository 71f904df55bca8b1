using System.Diagnostics;
using System.Text;

namespace Logitscope.Tests.Tokenizers;

public sealed class SentencePieceTests : IDisposable
{
    private const string NoModel = "is no SentencePiece model: ";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_says_what_it_is()
    {
        var tokenizer = Load(RawSentencePiece.Sound);
        Assert.Equal(10, tokenizer.VocabularySize);
        Assert.Equal(1, tokenizer.BosId);
        Assert.Equal(2, tokenizer.EosId);
        Assert.True(tokenizer.AddsBos);
    }

    [Fact]
    public void The_highest_score_merges_first()
    {
        var tokenizer = Load(RawSentencePiece.Sound);
        Assert.Equal([5, 5], tokenizer.EncodeToIds("the the"));
        Assert.Equal([3, 7], tokenizer.EncodeToIds("tt"));
    }

    [Fact]
    public void Of_equal_scores_the_leftmost_merges_first()
    {
        byte[] pieces =
        [
            .. RawSentencePiece.Special, .. RawSentencePiece.Piece("bc", -1), .. RawSentencePiece.Piece("ab", -1),
            .. RawSentencePiece.Piece("▁", -2), .. RawSentencePiece.Piece("a", -3), .. RawSentencePiece.Piece("b", -4),
            .. RawSentencePiece.Piece("c", -5), .. RawSentencePiece.Trainer(RawSentencePiece.Bpe),
            .. RawSentencePiece.Normalizer(),
        ];
        Assert.Equal(["␣", "ab", "c"], Load(pieces).EncodeToTokens("abc", out _).Select(token => token.Value));
    }

    [Fact]
    public void Unknown_characters_in_a_row_are_one_token()
    {
        var tokens = Load(RawSentencePiece.Sound).EncodeToTokens("tx🙂yt", out _);
        Assert.Equal(["␣t", "<unk>", "t"], tokens.Select(token => token.Value));
        Assert.Equal([0..1, 1..5, 5..6], tokens.Select(token => token.Offset));
    }

    [Fact]
    public void Spaces_collapse_where_the_model_says_so()
    {
        var tokenizer = Vocabularies.SentencePiece("small-plain");
        Assert.Equal(tokenizer.EncodeToIds("the of"), tokenizer.EncodeToIds("  the   of  "));
        Assert.Empty(tokenizer.EncodeToIds("   "));
    }

    [Fact]
    public void A_space_in_front_can_be_switched_off()
    {
        var without = Load([.. RawSentencePiece.Sound, .. RawSentencePiece.Normalizer(RawSentencePiece.Number(3, 0))]);
        Assert.Equal(["t", "he"], without.EncodeToTokens("the", out _).Select(token => token.Value));
        Assert.Equal(" the", without.Decode(without.EncodeToIds(" the")));
    }

    [Theory]
    [InlineData("""{"tokenizer_class": "T5Tokenizer"}""", "expected LlamaTokenizer, got T5Tokenizer")]
    [InlineData("""{"add_prefix_space": false}""", "add_prefix_space: expected true, got false")]
    [InlineData("""{"add_eos_token": true}""", "add_eos_token: expected false, got true")]
    public void A_configuration_that_says_otherwise_is_refused(string config, string part)
    {
        _folder.Write("tokenizer_config.json", config);
        Assert.Contains(part, Refused(RawSentencePiece.Sound));
    }

    public static TheoryData<byte[], string> Wrong => new()
    {
        { [], "model_type: expected BPE, got unigram" },
        { RawSentencePiece.Trainer(RawSentencePiece.Unigram), "expected BPE, got unigram" },
        { RawSentencePiece.Trainer(4), "expected BPE, got char" },
        { RawSentencePiece.Trainer(99), "expected BPE, got 99" },
        { RawSentencePiece.Trainer(2, RawSentencePiece.Number(24, 1)), "treat_whitespace_as_suffix" },
        { RawSentencePiece.Trainer(2, RawSentencePiece.Number(35, 1)), "256 bytes, got none for <0x00>" },
        { RawSentencePiece.Normalizer(RawSentencePiece.Message(2, [1, 2])), "charsmap: expected none, as of identity, got" },
        { RawSentencePiece.Normalizer(RawSentencePiece.Number(5, 0)), "escape_whitespaces: expected true, got false" },
        { RawSentencePiece.Message(5, RawSentencePiece.Message(2, [1])), "denormalizer_spec precompiled_charsmap" },
        { RawSentencePiece.Piece("x", -9, kind: 4), "piece 10: expected NORMAL, UNKNOWN, CONTROL or BYTE, got USER" },
        { RawSentencePiece.Piece("x", -9, kind: 5), "got UNUSED" },
        { RawSentencePiece.Piece("x", -9, kind: -1), "got -1" },
        { RawSentencePiece.Piece("x", -9, kind: 6), "a byte such as <0x0A>, got 'x'" },
        { RawSentencePiece.Piece("x", float.NaN), "finite score" },
        { RawSentencePiece.Piece("", 0), "1 to 512 chars" },
        { RawSentencePiece.Piece(new string('x', 513), 0), "got 513 chars" },
        { RawSentencePiece.Piece("he", -9), "each piece once, got 'he', which is piece 4" },
        { RawSentencePiece.Message(1, RawSentencePiece.Message(1, [0xFF])), "expected UTF-8" },
        { RawSentencePiece.Message(1, RawSentencePiece.Number(1, 5)), "field 1: expected another type, got a number" },
        { RawSentencePiece.Message(1, [0x11, 0, 0, 0, 0, 0, 0, 0, 0]), "field 2: expected another type, got 64 bits" },
        { [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], NoModel },
        { [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], NoModel },
        { [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], NoModel },
        { [0x0B], NoModel },
        { [0x0C], NoModel },
        { [0x0E], NoModel },
        { [0x02, 0x00], NoModel },
        { [0x0D, 0x00], NoModel },
        { [.. Enumerable.Repeat((byte)0x0B, 100_000)], NoModel },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_not_known_or_broken_is_refused_by_name(byte[] more, string part)
    {
        byte[] model = more.Length == 0 ? [] : [.. RawSentencePiece.Sound, .. more];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Refused(model);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
        Assert.Contains(part, message);
        Assert.Contains("tokenizer.model", message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("🙂")]
    [InlineData("the")]
    public void A_megabyte_of_one_kind_takes_about_linear_time(string unit)
    {
        var text = new StringBuilder().Insert(0, unit, 1_000_000 / unit.Length).ToString();
        foreach (var name in (string[])["small-llama", "small-phrases"])
        {
            var tokenizer = Vocabularies.SentencePiece(name);
            var watch = Stopwatch.StartNew();
            Assert.Equal(text, tokenizer.Decode(tokenizer.EncodeToIds(text)));
            // A quadratic merge would take hours; this takes half a second.
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"took {watch.Elapsed}");
        }
    }

    private ModelTokenizer Load(byte[] model)
    {
        _folder.Write("tokenizer.model", model);
        return ModelTokenizer.Load(_folder.Path);
    }

    private string Refused(byte[] model) => Assert.Throws<TokenizerException>(() => Load(model)).Message;
}
