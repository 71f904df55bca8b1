using System.Text;
using Logitscope.World;

namespace Logitscope.Tests.Tokenizers;

public sealed class TokenizerFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TokenizerFilesTests() => Vocabularies.Small.Save(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_that_is_not_there_is_told() =>
        Says(Assert.Throws<TokenizerException>(() => ModelTokenizer.Load("/no/such")), "/no/such", "expected a folder");

    [Fact]
    public void A_folder_without_a_tokenizer_is_told_with_what_it_holds()
    {
        File.Delete(Path.Combine(_folder.Path, "merges.txt"));
        Says(Refused(), "vocab.json and merges.txt", "got tokenizer_config.json, vocab.json");
    }

    [Theory]
    [InlineData("", "line 1", "well-formed JSON")]
    [InlineData("{\"a\": 1", "line 1", "well-formed JSON")]
    [InlineData("{\n\"a\": 1,\n\"b\" 2}", "line 3", "well-formed JSON")]
    [InlineData("{\"a\": 1} {}", "line 1", "well-formed JSON")]
    [InlineData("[1]", "line 1", "an object of tokens to ids, got [")]
    [InlineData("{\n\"a\": 1,\n\"b\": \"2\"}", "line 3", "a whole number from 0 as the id of 'b', got 2")]
    [InlineData("{\"a\": 1.5}", "line 1", "got 1.5")]
    [InlineData("{\"a\": -1}", "line 1", "got -1")]
    [InlineData("{\"a\": 99999999999}", "line 1", "got 99999999999")]
    [InlineData("{\"a\": {\"b\": 1}}", "line 1", "got {")]
    [InlineData("{\"a\": 1,\n\"a\": 2}", "line 2", "each token once, got 'a' again")]
    [InlineData("{\"a\": 1,\n\"b\": 1}", "line 2", "each id once, got 1 for both 'a' and 'b'")]
    [InlineData("{\n\"\\udc00\": 1}", "line 2", "valid Unicode")]
    [InlineData("{\"\": 1}", "line 1", "got an empty string")]
    [InlineData("{\"\\ud800\": 1}", "line 1", "valid Unicode")]
    [InlineData("{\"a\": 0}", "no byte-level vocabulary", "0x21, '!'")]
    public void A_broken_vocabulary_is_told_with_its_line(string json, params string[] parts)
    {
        _folder.Write("vocab.json", json);
        Says(Refused(), ["vocab.json", .. parts]);
    }

    [Fact]
    public void A_vocabulary_with_a_gap_is_told()
    {
        var size = Vocabularies.Small.VocabularySize;
        _folder.Write("added_tokens.json", $$"""{"<new>": {{size + 1}}}""");
        Says(Refused(), $"expected 0 to {size}, got no token for {size}");
    }

    [Fact]
    public void Bytes_that_are_no_text_are_told()
    {
        _folder.Write("vocab.json", [(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        Says(Refused(), "vocab.json", "line 1");
        Vocabularies.Small.Save(_folder.Path);
        _folder.Write("merges.txt", [(byte)'a', (byte)' ', 0xFF, (byte)'\n']);
        Says(Refused(), "merges.txt", "UTF-8");
    }

    [Theory]
    [InlineData("#version: 0.2\nt h\nqq zz\n", "line 3", "got 'qq zz', and it has no 'qq'")]
    [InlineData("t h\nq z\n", "line 2", "it has no 'qz'")]
    [InlineData("t h\nth\n", "line 2", "two tokens with one space between, got 'th'")]
    [InlineData("t h e\n", "line 1", "two tokens")]
    [InlineData("t  h\n", "line 1", "two tokens")]
    [InlineData("t h\n\nh e\n", "line 2", "got ''")]
    [InlineData("t h\nh e\nt h\n", "line 3", "that of line 1 again: 't h'")]
    [InlineData("# comment\nt h\n", "line 1", "it has no 'comment'")]
    public void A_broken_merge_is_told_with_its_line(string merges, params string[] parts)
    {
        BpeTrainer.Train(["th th", "he he"]).Save(_folder.Path);
        _folder.Write("merges.txt", merges);
        Says(Refused(), ["merges.txt", .. parts]);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Merges_need_no_heading_and_may_end_lines_either_way(string newline)
    {
        var lines = File.ReadLines(Path.Combine(_folder.Path, "merges.txt")).Skip(1);
        _folder.Write("merges.txt", string.Join(newline, lines));
        var tokenizer = ModelTokenizer.Load(_folder.Path);
        Assert.Equal(Vocabularies.Small.EncodeToIds("the cat's"), tokenizer.EncodeToIds("the cat's"));
    }

    [Fact]
    public void A_vocabulary_alone_makes_the_end_of_text_BOS_and_EOS()
    {
        File.Delete(Path.Combine(_folder.Path, "tokenizer_config.json"));
        var tokenizer = ModelTokenizer.Load(_folder.Path);
        Assert.Equal(Vocabularies.Small.EosId, tokenizer.EosId);
        Assert.Equal(Vocabularies.Small.EosId, tokenizer.BosId);
        Assert.Equal([tokenizer.EosId!.Value], tokenizer.EncodeToIds("<|endoftext|>"));
    }

    [Fact]
    public void OpenAIs_file_names_are_known()
    {
        File.Move(Path.Combine(_folder.Path, "vocab.json"), Path.Combine(_folder.Path, "encoder.json"));
        File.Move(Path.Combine(_folder.Path, "merges.txt"), Path.Combine(_folder.Path, "vocab.bpe"));
        Assert.Equal(Vocabularies.Small.EncodeToIds("the cat"), ModelTokenizer.Load(_folder.Path).EncodeToIds("the cat"));
    }

    [Fact]
    public void Special_tokens_are_read_from_either_file_the_configuration_first()
    {
        var next = Vocabularies.Small.VocabularySize;
        _folder.Write("added_tokens.json", $$"""{"<s>": {{next}}, "</s>": {{next + 1}}, "<x>": {{next + 2}}}""");
        _folder.Write(
            "tokenizer_config.json",
            """{"tokenizer_class": "GPT2TokenizerFast", "bos_token": {"content": "<s>", "lstrip": false}}""");
        _folder.Write(
            "special_tokens_map.json",
            """{"bos_token": "<x>", "eos_token": "</s>", "additional_special_tokens": ["the", "<x>"]}""");
        var tokenizer = ModelTokenizer.Load(_folder.Path);
        Assert.Equal(next, tokenizer.BosId);
        Assert.Equal(next + 1, tokenizer.EosId);
        Assert.Equal(next + 3, tokenizer.VocabularySize);
        Assert.Equal([next, next + 2], tokenizer.EncodeToIds("<s><x>"));
        Assert.Equal(
            [.. tokenizer.EncodeToIds("o"), .. tokenizer.EncodeToIds("the"), .. tokenizer.EncodeToIds("r")],
            tokenizer.EncodeToIds("other"));
    }

    [Theory]
    [InlineData("""{"tokenizer_class": "Qwen2Tokenizer"}""", "splits text as GPT-2 does", "got Qwen2Tokenizer")]
    [InlineData("""{"tokenizer_class": 3}""", "tokenizer_class", "expected a string, got a number")]
    [InlineData("""{"add_prefix_space": true}""", "add_prefix_space: expected false, got true")]
    [InlineData("""{"add_bos_token": "yes"}""", "add_bos_token", "got a string")]
    [InlineData("""{"bos_token": 7}""", "bos_token", "expected a string, got a number")]
    [InlineData("""{"bos_token": ""}""", "bos_token", "got an empty string")]
    [InlineData("""{"bos_token": {}}""", "bos_token content", "expected a string, got null")]
    [InlineData("""{"bos_token": "<nowhere>"}""", "bos_token", "got '<nowhere>'")]
    [InlineData("""{"bos_token": "\ud800"}""", "line 1", "valid Unicode")]
    [InlineData("""{"bos_token": {"content": "the", "lstrip": true}}""", "bos_token lstrip: expected false, got true")]
    [InlineData("""{"added_tokens_decoder": []}""", "added_tokens_decoder", "expected an object, got a list")]
    [InlineData("""{"added_tokens_decoder": {"x": {"content": "a"}}}""", "expected ids as keys, got 'x'")]
    [InlineData("""{"added_tokens_decoder": {"0": {"content": "new"}}}""", "its own for 'new', got 0, which is '!'")]
    [InlineData("""{"added_tokens_decoder": {"9": {"content": "!"}}}""", "'!' to keep its id 0, got 9")]
    [InlineData("""{"additional_special_tokens": "<x>"}""", "expected a list, got a string")]
    [InlineData("""{"bos_token": "a", "bos_token": "b"}""", "well-formed JSON")]
    [InlineData("""{"added_tokens_decoder": {"\ud800": {}}}""", "line 1", "valid Unicode")]
    [InlineData("[]", "expected a JSON object, got a list")]
    [InlineData("{", "line 1", "well-formed JSON")]
    public void A_broken_configuration_is_told_with_its_key(string json, params string[] parts)
    {
        _folder.Write("tokenizer_config.json", json);
        var error = Refused();
        Says(error, parts);
        Assert.Contains(_folder.Path, error.Message);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    [InlineData("encoder.json")]
    [InlineData("vocab.bpe")]
    [InlineData("added_tokens.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("special_tokens_map.json")]
    [InlineData("tokenizer.model")]
    public void A_Git_LFS_pointer_is_told_with_the_remedy(string name)
    {
        if (name is "encoder.json" or "vocab.bpe")
        {
            File.Move(_folder.PathOf("vocab.json"), _folder.PathOf("encoder.json"));
            File.Move(_folder.PathOf("merges.txt"), _folder.PathOf("vocab.bpe"));
        }
        else if (name == "tokenizer.model")
        {
            File.Delete(_folder.PathOf("vocab.json"));
        }

        _folder.Write(name, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n");
        Says(Refused(), $"{name}': expected the file itself, got a Git LFS pointer", "git lfs pull");
    }

    [Fact]
    public void A_file_too_large_for_any_vocabulary_is_refused_unread()
    {
        using (var file = File.Create(_folder.PathOf("vocab.json")))
        {
            file.SetLength(1L << 40); // a hole: it takes no room
        }

        Says(Refused(), "vocab.json': expected at most 134217728 bytes, got 1099511627776");
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_told()
    {
        var below = Path.Combine(_folder.Write("file", ""), "below");
        Says(Assert.Throws<TokenizerException>(() => Vocabularies.Small.Save(below)), below, "cannot be made");
    }

    private TokenizerException Refused() => Assert.Throws<TokenizerException>(() => ModelTokenizer.Load(_folder.Path));

    private static void Says(TokenizerException error, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, error.Message));
}
