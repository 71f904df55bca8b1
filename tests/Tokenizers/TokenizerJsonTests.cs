using System.Text.Json.Nodes;

namespace Logitscope.Tests.Tokenizers;

public sealed class TokenizerJsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LLaMAs_says_what_it_is()
    {
        var llama = Vocabularies.SmallLlamaJson;
        Assert.Equal(900, llama.VocabularySize);
        Assert.Equal(1, llama.BosId);
        Assert.Equal(2, llama.EosId);
        Assert.True(llama.AddsBos);
        Assert.Equal(1, llama.Encode("the", Bos.Model).Ids[0]);
    }

    [Fact]
    public void GPT_NeoXs_says_what_it_is()
    {
        var neox = Vocabularies.SmallNeoX;
        Assert.Equal("<|endoftext|>", neox.TokenText(neox.BosId!.Value));
        Assert.Equal(neox.BosId, neox.EosId);
        Assert.False(neox.AddsBos);
    }

    [Fact]
    public void LLaMA_3s_says_what_it_is()
    {
        var llama = Vocabularies.SmallLlama3;
        Assert.Equal("<|begin_of_text|>", llama.TokenText(llama.BosId!.Value));
        Assert.True(llama.AddsBos);
        Assert.Equal([llama.BosId!.Value, .. llama.EncodeToIds("hi")], llama.Encode("hi", Bos.Model).Ids);
    }

    [Fact]
    public void LLaMA_3_without_a_template_adds_no_BOS()
    {
        var file = Vocabularies.SmallLlama3File();
        file["post_processor"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}""");
        _folder.Write("tokenizer.json", file.ToJsonString());
        _folder.Write("tokenizer_config.json", """{"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>", "tokenizer_class": "PreTrainedTokenizerFast"}""");
        var llama = ModelTokenizer.Load(_folder.Path);
        Assert.Equal(("<|begin_of_text|>", "<|eot_id|>", false), (llama.TokenText(llama.BosId!.Value), llama.TokenText(llama.EosId!.Value), llama.AddsBos));
        Assert.Equal(llama.EncodeToIds("hi"), llama.Encode("hi", Bos.Model).Ids);
    }

    [Fact]
    public void LLaMA_3_takes_a_word_that_is_a_token_as_it_is_and_others_ignore_that()
    {
        var llama = Vocabularies.SmallLlama3;
        Assert.Equal(["␣residual", "198", "4"], llama.EncodeToTokens(" residual1984", out _).Select(token => token.Value));
        Assert.Equal([0..9, 9..12, 12..13], llama.EncodeToTokens(" residual1984", out _).Select(token => token.Offset));
        var file = Vocabularies.SmallLlama3File();
        file["model"]!["ignore_merges"] = false;
        Assert.DoesNotContain(llama.EncodeToIds(" residual").Single(), Vocabularies.FromJson(file).EncodeToIds(" residual"));
    }

    [Fact]
    public void Qwen_composes_what_it_encodes_and_has_no_BOS()
    {
        File.WriteAllText(_folder.PathOf("tokenizer.json"), Vocabularies.SmallQwenFile().ToJsonString());
        _folder.Write("tokenizer_config.json", """{"bos_token": null, "eos_token": "<|im_start|>", "add_bos_token": false, "tokenizer_class": "Qwen2Tokenizer"}""");
        var qwen = ModelTokenizer.Load(_folder.Path);
        Assert.Equal(qwen.EncodeToIds("caf\u00e9"), qwen.EncodeToIds("cafe\u0301"));
        Assert.Equal((null, "<|im_start|>", false), (qwen.BosId, qwen.TokenText(qwen.EosId!.Value), qwen.AddsBos));
        Assert.Contains("has no BOS", Assert.Throws<TokenizerException>(() => qwen.Encode("hi")).Message, StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3"], qwen.EncodeToTokens("123", out _).Select(token => token.Value));
    }

    [Fact]
    public void Gemma_puts_no_space_in_front_and_one_BOS()
    {
        var gemma = Vocabularies.SmallGemma;
        Assert.Equal(["the", "␣of"], gemma.EncodeToTokens("the of", out _).Select(token => token.Value));
        Assert.All([" the", "  the", "\n\n  "], text => Assert.Equal(text, gemma.Decode(gemma.EncodeToIds(text))));
        Assert.Equal(["⏎⏎", "␣␣"], gemma.EncodeToTokens("\n\n▁▁", out _).Select(token => token.Value));
        Assert.Equal([gemma.BosId!.Value, .. gemma.EncodeToIds("the")], gemma.Encode("the", Bos.Model).Ids);
    }

    [Fact]
    public void Gemmas_split_beside_spaces_that_stay_is_refused()
    {
        var file = Vocabularies.SmallLlamaFile();
        file["pre_tokenizer"] = JsonNode.Parse("""{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}""");
        Assert.Contains("got Split at ' '", Assert.Throws<TokenizerException>(() => Vocabularies.FromJson(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pattern", "{\"Regex\": \"\\\\s+\"}", "pattern Regex: expected LLaMA 3's or Qwen2's, got '\\s+'")]
    [InlineData("pattern", "{\"String\": \" \"}", "expected only Regex, got 'String'")]
    [InlineData("behavior", "\"Removed\"", "expected Isolated, got Removed")]
    [InlineData("invert", "true", "invert: expected false, got true")]
    [InlineData("type", "\"Digits\"", "expected Split, got Digits")]
    public void Another_split_is_refused_by_name(string field, string json, string expected)
    {
        var file = Vocabularies.SmallLlama3File();
        file["pre_tokenizer"]!["pretokenizers"]![0]![field] = JsonNode.Parse(json);
        Assert.Contains(expected, Assert.Throws<TokenizerException>(() => Vocabularies.FromJson(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_after_which_ByteLevel_would_split_again_is_refused()
    {
        var file = Vocabularies.SmallLlama3File();
        file["pre_tokenizer"]!["pretokenizers"]![1]!["use_regex"] = true;
        Assert.Contains("use_regex: expected false, got true", Assert.Throws<TokenizerException>(() => Vocabularies.FromJson(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tiktoken_file_is_refused_with_what_to_do()
    {
        _folder.Write("tokenizer.model", "IQ== 0\nIg== 1\nIw== 2\n");
        var error = Assert.Throws<TokenizerException>(() => ModelTokenizer.Load(_folder.Path));
        Assert.Contains("tokenizer.model': expected a SentencePiece model, got tiktoken's", error.Message, StringComparison.Ordinal);
        Assert.Contains("put the tokenizer.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_goes_before_the_other_files()
    {
        Vocabularies.Small.Save(_folder.Path);
        File.Copy(MixedText.PathOf("small-llama", "tokenizer.model"), _folder.PathOf("tokenizer.model"));
        Assert.Equal(Vocabularies.Small.VocabularySize, ModelTokenizer.Load(_folder.Path).VocabularySize);
        File.Delete(_folder.PathOf("tokenizer_config.json"));
        _folder.Write("tokenizer.json", Vocabularies.SmallNeoXFile().ToJsonString());
        Assert.Equal(Vocabularies.SmallNeoX.VocabularySize, ModelTokenizer.Load(_folder.Path).VocabularySize);
    }

    [Fact]
    public void A_broken_one_is_not_passed_over_for_the_next_file()
    {
        Vocabularies.Small.Save(_folder.Path);
        _folder.Write("tokenizer.json", "{}");
        var error = Assert.Throws<TokenizerException>(() => ModelTokenizer.Load(_folder.Path));
        Assert.Contains("tokenizer.json", error.Message);
    }

    [Fact]
    public void Added_tokens_that_are_normalised_are_found_in_the_normalised_text()
    {
        var neox = Vocabularies.SmallNeoX;
        var cafe = neox.EncodeToIds("café");
        Assert.Equal(cafe, neox.EncodeToIds("cafe\u0301"));
        Assert.Single(cafe);
        Assert.Equal(0..5, Assert.Single(neox.EncodeToTokens("cafe\u0301", out _)).Offset);
    }

    [Fact]
    public void Added_tokens_that_are_normalised_are_not_found_where_normalising_changes_their_end()
    {
        var neox = Vocabularies.SmallNeoX;
        var mark = Assert.Single(neox.EncodeToIds("<mark>"));
        Assert.DoesNotContain(mark, neox.EncodeToIds("<mark>\u0338"));
        Assert.Equal("<mark≯", neox.Decode(neox.EncodeToIds("<mark>\u0338")));
    }

    [Fact]
    public void Runs_of_spaces_are_GPT_NeoXs_added_tokens()
    {
        var neox = Vocabularies.SmallNeoX;
        Assert.Equal(["␣␣␣␣", "x"], neox.EncodeToTokens("    x", out _).Select(token => token.Value));
        Assert.Equal([24, 6], neox.EncodeToTokens(new string(' ', 30), out _).Select(token => token.Value.Length));
    }

    [Fact]
    public void LLaMAs_first_word_has_a_space_that_the_text_has_not()
    {
        var tokens = Vocabularies.SmallLlamaJson.EncodeToTokens("the of", out _);
        Assert.Equal(["␣the", "␣of"], tokens.Select(token => token.Value));
        Assert.Equal([0..3, 3..6], tokens.Select(token => token.Offset));
        Assert.Equal("the of", Vocabularies.SmallLlamaJson.Decode(tokens.Select(token => token.Id)));
    }

    [Theory]
    [InlineData("the</s>the", true, "␣the", "</s>", "␣the")]
    [InlineData("the</s>the", false, "␣the", "</s>", "the")]
    [InlineData(" the", true, "␣␣", "the")]
    [InlineData(" the", false, "␣the")]
    [InlineData("</s>", true, "</s>")]
    [InlineData("</s>", false, "</s>")]
    [InlineData("", true)]
    public void Legacy_puts_a_space_before_every_stretch_and_otherwise_the_first_gets_one_alone(
        string text, bool legacy, params string[] tokens)
    {
        var llama = legacy ? Vocabularies.SmallLlamaJson : Vocabularies.SmallLlamaMetaspace;
        Assert.Equal(tokens, llama.EncodeToTokens(text, out _).Select(token => token.Value));
    }

    [Fact]
    public void Bytes_to_fall_back_to_are_shown_as_parts_of_their_character()
    {
        var tokens = Vocabularies.SmallLlamaJson.EncodeToTokens("\U0001F9FF", out _);
        Assert.Equal(["␣", "<0xF0>", "<0x9F>", "<0xA7>", "<0xBF>"], tokens.Select(token => token.Value));
        Assert.Equal([0..0, 0..2, 0..2, 0..2, 0..2], tokens.Select(token => token.Offset));
        Assert.Equal("\uFFFD", Vocabularies.SmallLlamaJson.Decode([tokens[1].Id, tokens[2].Id]));
    }

    [Theory]
    [InlineData("LlamaTokenizer", null, true)]
    [InlineData("LlamaTokenizerFast", false, false)]
    [InlineData("PreTrainedTokenizerFast", null, true)]
    public void A_BOS_is_LLaMAs_options_choice_and_else_the_templates(string name, bool? option, bool adds)
    {
        File.Copy(MixedText.PathOf("small-llama", "tokenizer.json"), _folder.PathOf("tokenizer.json"));
        var config = new JsonObject { ["tokenizer_class"] = name };
        if (option is not null)
        {
            config["add_bos_token"] = option;
        }

        _folder.Write("tokenizer_config.json", config.ToJsonString());
        Assert.Equal(adds, ModelTokenizer.Load(_folder.Path).AddsBos);
    }

    [Theory]
    [InlineData("model type", "\"Unigram\"", "expected BPE, got Unigram")]
    [InlineData("model dropout", "0.1", "expected none, got 0.1")]
    [InlineData("model ignore_merges", "true", "ignore_merges: expected false, got true")]
    [InlineData("model end_of_word_suffix", "\"</w>\"", "expected none, got '</w>'")]
    [InlineData("model unk_token", "\"<nowhere>\"", "a token of the vocabulary, got '<nowhere>'")]
    [InlineData("model surprise", "1", "got 'surprise'")]
    [InlineData("model vocab", "[]", "expected an object, got a list")]
    [InlineData("model vocab", "{\"a\": 0, \"b\": 0}", "each id once, got 0 for both 'a' and 'b'")]
    [InlineData("model vocab", "{\"a\": 4294967296}", "a whole number from 0, got 4294967296")]
    [InlineData("model vocab", "{\"a\": -1}", "got -1")]
    [InlineData("model merges", "[\"q zz\"]", "merge 0", "it has no 'zz'")]
    [InlineData("model merges", "[[\"a\", \"b\", \"c\"]]", "expected a string, got a list")]
    [InlineData("model merges", "[\"a a\", \"a a\"]", "merge 1", "that of merge 0 again: 'a a'")]
    [InlineData("model merges", "null", "expected a list, got null")]
    [InlineData("normalizer", "{\"type\": \"NFKC\"}", "normalizer", "got NFKC")]
    [InlineData("normalizer", "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Lowercase\"}]}", "got Lowercase")]
    [InlineData("normalizer", "null", "normalizer", "got none")]
    [InlineData("pre_tokenizer", "{\"type\": \"Whitespace\"}", "got Whitespace")]
    [InlineData(
        "pre_tokenizer",
        "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\", \"pattern\": {}}, {\"type\": \"ByteLevel\"}]}",
        "add_prefix_space: expected false, got true")]
    [InlineData("pre_tokenizer", "{\"type\": \"ByteLevel\", \"add_prefix_space\": true}", "expected false, got true")]
    [InlineData("pre_tokenizer", "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": false}", "use_regex")]
    [InlineData("pre_tokenizer", "{\"type\": \"ByteLevel\", \"add_prefix_space\": false}", "byte_fallback: expected false")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"▁\"}", "none beside Metaspace")]
    [InlineData("post_processor", "{\"type\": \"BertProcessing\"}", "got BertProcessing")]
    [InlineData(
        "post_processor",
        "{\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"A\"}}, {\"SpecialToken\": {\"id\": \"</s>\"}}]}",
        "got another template")]
    [InlineData("decoder", "{\"type\": \"WordPiece\"}", "got WordPiece")]
    [InlineData("decoder", "null", "got none")]
    [InlineData("added_tokens", "[{\"id\": 0, \"content\": \"<unk>\", \"lstrip\": true}]", "added_tokens 0 lstrip: expected false, got true")]
    [InlineData("added_tokens", "[{\"id\": 7, \"content\": \"<unk>\"}]", "'<unk>' to keep its id 0, got 7")]
    [InlineData("added_tokens", "[{\"id\": 0, \"content\": \"<new>\"}]", "got 0, which is '<unk>'")]
    [InlineData("added_tokens", "[{\"id\": 2000000000, \"content\": \"<new>\"}]", "got no token for 900")]
    [InlineData("surprise", "{}", "got 'surprise'")]
    public void What_is_not_known_or_wrong_is_refused_by_name(string place, string json, params string[] parts)
    {
        string[] path = place.Split(' ');
        var file = Vocabularies.SmallLlamaFile();
        var parent = path.Length > 1 ? file[path[0]]!.AsObject() : file;
        parent[path[^1]] = JsonNode.Parse(json);
        _folder.Write("tokenizer.json", file.ToJsonString());
        var error = Assert.Throws<TokenizerException>(() => ModelTokenizer.Load(_folder.Path));
        Assert.All(parts, part => Assert.Contains(part, error.Message));
        Assert.Contains("tokenizer.json", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Deep_JSON_is_refused()
    {
        _folder.Write("tokenizer.json", new string('[', 100_000));
        Assert.Throws<TokenizerException>(() => ModelTokenizer.Load(_folder.Path));
    }
}
