using System.Diagnostics;
using System.Text;
using System.Text.Json;
using FsCheck.Fluent;
using Logitscope.World;

namespace Logitscope.Tests.Tokenizers;

public class ByteLevelBpeTests
{
    private const string EndOfText = "<|endoftext|>";

    // From a plain Python transcription of GPT-2's algorithm over the "regex" package.
    [Theory]
    [InlineData(
        "𝐀𝐁c d𝟘𝟙2 🙂🙂!",
        47728, 238, 222, 47728, 238, 223, 66, 288, 47728, 253, 246, 47728, 253, 247, 17, 32485, 8582, 25081, 0)]
    [InlineData("x\u0085\u0085y", 87, 126, 227, 126, 227, 88)]
    [InlineData("it''s 'S 'll'LL  \n\n z ", 270, 7061, 82, 705, 50, 705, 297, 6, 3069, 220, 220, 628, 1976, 220)]
    [InlineData("½²Ⅷ٣ x", 23141, 31185, 158, 227, 100, 149, 96, 2124)]
    [InlineData(
        "ſ'ſ 𠀀𠀁 中文",
        129, 123, 6, 129, 123, 220, 172, 254, 222, 222, 172, 254, 222, 223, 220, 40792, 23877, 229)]
    [InlineData(
        "cat -> cat\n1135 -> 1135\nhello -> hello\n?",
        9246, 4613, 3797, 198, 1157, 2327, 4613, 1367, 2327, 198, 31373, 4613, 23748, 198, 30)]
    public void GPT_2_encodes_hard_text_as_Python_does(string text, params int[] ids) =>
        Assert.Equal(ids, Vocabularies.Gpt2.EncodeToIds(text));

    [Fact]
    public void GPT_2_says_what_it_is()
    {
        Assert.Equal(50257, Vocabularies.Gpt2.VocabularySize);
        Assert.Equal(50256, Vocabularies.Gpt2.BosId);
        Assert.Equal(50256, Vocabularies.Gpt2.EosId);
        Assert.False(Vocabularies.Gpt2.AddsBos);
    }

    [Fact]
    public void GPT_Js_extra_tokens_fill_its_head()
    {
        using var folder = new TemporaryFolder();
        var gpt2 = Repository.Shared("data", "tokenizers", "gpt2");
        File.Copy(Path.Combine(gpt2, "encoder.json"), Path.Combine(folder.Path, "vocab.json"));
        File.Copy(Path.Combine(gpt2, "vocab.bpe"), Path.Combine(folder.Path, "merges.txt"));
        var extra = Enumerable.Range(1, 143).ToDictionary(i => $"<|extratoken_{i}|>", i => 50256 + i);
        folder.Write("added_tokens.json", JsonSerializer.Serialize(extra));
        folder.Write("tokenizer_config.json", """
            {
              "unk_token": {"content": "<|endoftext|>", "single_word": false, "lstrip": false, "normalized": true},
              "bos_token": {"content": "<|endoftext|>", "single_word": false, "lstrip": false, "normalized": true},
              "eos_token": {"content": "<|endoftext|>", "single_word": false, "lstrip": false, "normalized": true},
              "add_prefix_space": false, "model_max_length": 2048, "special_tokens_map_file": null,
              "name_or_path": "gpt2", "from_slow": true, "tokenizer_class": "GPT2Tokenizer"
            }
            """);
        var gptJ = ModelTokenizer.Load(folder.Path);
        Assert.Equal(50400, gptJ.VocabularySize);
        Assert.Equal(50256, gptJ.BosId);
        Assert.False(gptJ.AddsBos);
        Assert.Equal([9246, 50399, 50266], gptJ.EncodeToIds("cat<|extratoken_143|><|extratoken_10|>"));
        Assert.Equal([50256, 30], gptJ.Encode("?").Ids);
    }

    [Fact]
    public void A_token_of_whole_characters_is_the_text_at_its_offset()
    {
        const string text = "The cat's café";
        var tokens = Vocabularies.Small.EncodeToTokens(text, out _);
        Assert.Equal(["The", " cat"], tokens.Take(2).Select(token => text[token.Offset]));
        Assert.Equal(["The", "␣cat"], tokens.Take(2).Select(token => token.Value));
    }

    [Fact]
    public void Tokens_that_share_a_character_share_its_range()
    {
        var tokens = Vocabularies.Small.EncodeToTokens("x𠀀", out _);
        Assert.Equal([0..1, 1..3, 1..3, 1..3, 1..3], tokens.Select(token => token.Offset));
        Assert.Equal(["x", "<0xF0>", "<0xA0>", "<0x80>", "<0x80>"], tokens.Select(token => token.Value));
    }

    [Fact]
    public void Encoding_adds_no_BOS() => Assert.Empty(Vocabularies.Small.EncodeToIds(""));

    [Fact]
    public void Added_tokens_are_found_in_the_text_and_part_the_words_around_them()
    {
        var small = Vocabularies.Small;
        int[] cat = [.. small.EncodeToIds(" cat")];
        Assert.Equal([.. cat, small.EosId!.Value, .. cat], small.EncodeToIds($" cat{EndOfText} cat"));
        Assert.Equal([small.EosId!.Value, small.EosId!.Value], small.EncodeToIds(EndOfText + EndOfText));
        Assert.Equal(EndOfText, small.Decode([small.EosId!.Value]));
        Assert.DoesNotContain(small.EosId!.Value, small.EncodeToIds("<|endoftext |>"));
    }

    [Fact]
    public void Space_before_an_added_token_ends_the_text_there()
    {
        var small = Vocabularies.Small;
        Assert.Equal(
            [.. small.EncodeToIds("a  "), small.EosId!.Value, .. small.EncodeToIds("  b")],
            small.EncodeToIds($"a  {EndOfText}  b"));
    }

    [Fact]
    public void Of_added_tokens_the_leftmost_and_then_the_longest_is_taken()
    {
        using var folder = new TemporaryFolder();
        Vocabularies.Small.Save(folder.Path);
        var next = Vocabularies.Small.VocabularySize;
        folder.Write(
            "added_tokens.json",
            $$"""{"<a>": {{next}}, "<a><b>": {{next + 1}}, "<b><c>": {{next + 2}}, "  ": {{next + 3}}}""");
        var tokenizer = ModelTokenizer.Load(folder.Path);
        Assert.Equal([next + 1], tokenizer.EncodeToIds("<a><b>"));
        Assert.Equal([next, next, .. tokenizer.EncodeToIds("<")], tokenizer.EncodeToIds("<a><a><"));
        Assert.Equal([next + 2], tokenizer.EncodeToIds("<b><c>"));
        Assert.Equal([next + 1, .. tokenizer.EncodeToIds("<c>")], tokenizer.EncodeToIds("<a><b><c>"));
        Assert.Equal([next + 3, next + 3, .. tokenizer.EncodeToIds(" x")], tokenizer.EncodeToIds("     x"));
        Assert.Equal("<a>  ", tokenizer.Decode([next, next + 3]));
        Assert.Equal("␣␣", tokenizer.TokenText(next + 3));
        Assert.Equal(next + 4, tokenizer.VocabularySize);
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_become_the_replacement_character()
    {
        var small = Vocabularies.Small;
        var bytes = small.EncodeToIds("𠀀");
        Assert.Equal("\uFFFDx", small.Decode([bytes[0], .. small.EncodeToIds("x")]));
        Assert.Equal("\uFFFD\uFFFD", small.Decode([bytes[3], bytes[3]]));
        Assert.Equal("𠀀", small.Decode(bytes));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void An_id_outside_the_vocabulary_cannot_be_decoded(int id)
    {
        var error = Assert.Throws<TokenizerException>(() => Vocabularies.Small.Decode([0, id]));
        Assert.Contains($"got {id}", error.Message);
    }

    [Theory]
    [InlineData("a", 250_000)]
    [InlineData(" ", 1_000_000)]
    [InlineData("ab", 125_000)]
    [InlineData("🙂", 50_000)]
    [InlineData("1", 250_000)]
    public void Long_runs_of_one_kind_take_about_linear_time(string unit, int count)
    {
        var text = new StringBuilder().Insert(0, unit, count).ToString();
        var watch = Stopwatch.StartNew();
        var ids = Vocabularies.Small.EncodeToIds(text);
        // A quadratic merge would take minutes; this takes a tenth of a second.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"took {watch.Elapsed}");
        Assert.Equal(text, Vocabularies.Small.Decode(ids));
    }

    [Fact]
    public void More_words_than_the_cache_holds_are_encoded_all_the_same()
    {
        var tokenizer = BpeTrainer.Train(["111 222 123 1234"], new() { Merges = 5 });
        var text = string.Join(' ', Enumerable.Range(0, 150_000));
        Assert.Equal(text, tokenizer.Decode(tokenizer.EncodeToIds(text)));
    }

    [Fact]
    public void Threads_may_share_a_tokenizer()
    {
        string[] texts = [.. Enumerable.Range(0, 2000).Select(i => $"the cat {i % 50} sat{i} on the mat's {i * 7919}")];
        var alone = BpeTrainer.Train(texts, new() { Merges = 60 });
        var expected = texts.Select(text => alone.EncodeToIds(text)).ToList();
        var shared = BpeTrainer.Train(texts, new() { Merges = 60 });
        var got = texts.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(text => shared.EncodeToIds(text)).ToList();
        Assert.Equal(expected, got);
    }
}
