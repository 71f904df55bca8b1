using Logitscope.Tests.Cli;
using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Checkpoints;

/// <summary>A stored tensor is a weight of the model, a constant that HuggingFace ignores too, or a reason to refuse.</summary>
public sealed class UnreadTensorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, string> All() => ModelFiles.All();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_tensor_that_nothing_reads_is_refused_by_name(string fixture, string format)
    {
        var (config, tensors) = ModelFiles.Of(fixture);
        _folder.Write(config, tensors, format);
        LanguageModel.Load(_folder.Path).Dispose();
        tensors["score.weight"] = zeros([2, 3]);
        _folder.Write(config, tensors, format);
        Refused("'score.weight'", "1 that nothing reads");
    }

    // Biases beside matrices that have none, norms of queries and keys, more layers than the configuration has, adapters,
    // and the names of quantisation.
    [Theory]
    [InlineData("llama/grouped", "model.layers.0.self_attn.q_proj.bias", 24)]
    [InlineData("llama/grouped", "model.layers.1.self_attn.o_proj.bias", 20)]
    [InlineData("llama/grouped", "model.layers.0.self_attn.q_norm.weight", 6)]
    [InlineData("llama/grouped", "model.layers.0.mlp.down_proj.bias", 20)]
    [InlineData("llama/grouped", "model.layers.2.input_layernorm.weight", 20)]
    [InlineData("llama/grouped", "model.norm.bias", 20)]
    [InlineData("llama/grouped", "lm_head.bias", 37)]
    [InlineData("llama/grouped", "model.layers.0.self_attn.q_proj.lora_A.default.weight", 20)]
    [InlineData("llama/grouped", "model.layers.0.mlp.up_proj.SCB", 30)]
    [InlineData("llama/grouped", "model.layers.0.attn.bias", 20)]
    [InlineData("gptj/partial-rotary", "transformer.h.0.attn.q_proj.bias", 48)]
    [InlineData("gptj/partial-rotary", "transformer.h.0.ln_2.weight", 48)]
    [InlineData("gptj/partial-rotary", "transformer.wpe.weight", 48)]
    [InlineData("gptj/partial-rotary", "transformer.rotary_emb.inv_freq", 4)]
    [InlineData("gpt2/with-prefix", "transformer.h.0.crossattention.c_attn.bias", 40)]
    [InlineData("gpt2/with-prefix", "multiple_choice_head.summary.weight", 20)]
    [InlineData("gpt2/with-prefix", "lm_head.bias", 37)]
    [InlineData("gpt_neox/parallel", "embed_out.bias", 37)]
    [InlineData("gpt_neox/parallel", "gpt_neox.layers.0.attention.rotary_emb.cos_cached", 4)]
    public void A_tensor_of_another_architecture_is_refused_by_name(string fixture, string name, int size)
    {
        var (config, tensors) = ModelFiles.Of(fixture);
        tensors[name] = zeros([size]);
        _folder.Write(config, tensors);
        Refused($"'{name}'");
    }

    [Theory]
    [InlineData("gptj/partial-rotary", "transformer.h.0.attn.bias", "transformer.h.1.attn.masked_bias")]
    [InlineData("gpt2/with-prefix", "transformer.h.0.attn.bias", "transformer.h.1.attn.masked_bias")]
    [InlineData("gpt2/without-prefix", "h.0.attn.bias", "h.1.attn.masked_bias")]
    [InlineData("llama/grouped", "model.layers.0.self_attn.rotary_emb.inv_freq", "model.rotary_emb.inv_freq")]
    [InlineData("gpt_neox/parallel", "gpt_neox.layers.0.attention.bias", "gpt_neox.layers.0.attention.masked_bias")]
    [InlineData("gpt_neox/parallel", "gpt_neox.layers.1.attention.rotary_emb.inv_freq", "gpt_neox.rotary_emb.inv_freq")]
    public void What_HuggingFace_ignores_is_ignored_in_any_type(string fixture, string name, string other)
    {
        var (config, tensors) = ModelFiles.Of(fixture);
        _folder.Write(config, tensors);
        using var expected = LanguageModel.Load(_folder.Path);
        (tensors[name], tensors[other]) = (ones([1, 1, 4, 4], uint8), full([1], -1e9f));
        _folder.Write(config, tensors);
        using var model = LanguageModel.Load(_folder.Path);
        Assert.Equal(expected.Fingerprint, model.Fingerprint);
        Assert.Empty(model.UnreadTensors);
    }

    [Fact]
    public void Many_are_counted_and_a_few_are_named()
    {
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        for (var i = 0; i < 5; i++)
        {
            tensors[$"extra.{i}"] = zeros([1]);
        }

        _folder.Write(config, tensors);
        Refused("5 that nothing reads: 'extra.0', 'extra.1', 'extra.2' and 2 more");
    }

    [Fact]
    public async Task Inspect_lists_them()
    {
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        (tensors["extra.1"], tensors["extra.2"]) = (zeros([1]), zeros([1]));
        _folder.Write(config, tensors);
        var facts = (await Outcome.Of("inspect", "--model", _folder.Path, "--json")).Succeeded().Json;
        Assert.Equal(["extra.1", "extra.2"], facts.GetProperty("unread_tensors").EnumerateArray().Select(name => name.GetString()));
        Assert.Contains("extra.2", (await Outcome.Of("inspect", "--model", _folder.Path)).Succeeded().Output, StringComparison.Ordinal);
    }

    // What does not fit is told before any number is looked at: the NaN would be told first otherwise.
    [Fact]
    public void It_is_told_before_a_number_is_read()
    {
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        tensors["model.embed_tokens.weight"] = full(tensors["model.embed_tokens.weight"].shape, float.NaN);
        tensors["extra"] = zeros([1]);
        _folder.Write(config, tensors);
        Refused("'extra'");
        tensors.Remove("extra");
        _folder.Write(config, tensors);
        Refused("got NaN");
    }

    [Theory]
    [InlineData("safetensors", ScalarType.Int8)]
    [InlineData("bin", ScalarType.Int8)]
    [InlineData("sharded-safetensors", ScalarType.Byte)]
    [InlineData("sharded-bin", ScalarType.Int32)]
    [InlineData("safetensors", ScalarType.Bool)]
    public async Task Whole_numbers_are_no_weights_for_a_model_nor_for_a_conversion(string format, ScalarType type)
    {
        const string name = "model.layers.0.mlp.up_proj.weight";
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        tensors[name] = tensors[name].to(type);
        _folder.Write(config, tensors, format);
        Refused($"'{name}'", "expected floating-point numbers", $"{type}", "quantised");
        (await Outcome.Of("convert", _folder.Path, _folder.PathOf("new"))).FailedWith($"'{name}': expected floating-point numbers");
        Assert.False(Path.Exists(_folder.PathOf("new")));
    }

    [Theory]
    [InlineData("F8_E4M3")]
    [InlineData("F8_E5M2")]
    [InlineData("F4")]
    [InlineData("U32")]
    public void Quantised_types_of_a_file_are_named(string type)
    {
        _folder.Write("config.json", "{}");
        _folder.Write("model.safetensors", RawSafetensors.Make($"{{{RawSafetensors.Entry("w", type, "[4]", 0, 4)}}}", dataBytes: 4));
        Says(Assert.Throws<CheckpointException>(() => CheckpointFile.OpenFolder(_folder.Path)), "'w'", type, "quantised");
    }

    [Theory]
    [InlineData("""{"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": true}}""", "quantization_config")]
    [InlineData("""{"quantization_config": {"quant_method": "gptq", "bits": 4}}""", "quantization_config")]
    [InlineData("""{"quantization_config": {"quant_method": "fp8"}}""", "quantization_config")]
    [InlineData("""{"compression_config": {"format": "pack-quantized"}}""", "compression_config")]
    [InlineData("""{"text_config": {"quantization_config": {"bits": 4}}}""", "text_config.quantization_config")]
    [InlineData("""{"quantization": {"group_size": 64, "bits": 4}}""", "quantization")]
    [InlineData("""{"layers": [{"quant_bits": 4}]}""", "layers.quant_bits")]
    public async Task Quantised_weights_are_refused_by_the_fields_name(string fields, string field)
    {
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(fields)!.AsObject())
        {
            config[name] = value!.DeepClone();
        }

        _folder.Write(config, tensors);
        Refused("config.json", $"{field}: expected none", "quantised");
        (await Outcome.Of("convert", _folder.Path, _folder.PathOf("new"))).FailedWith($"{field}: expected none");
    }

    [Fact]
    public void A_field_that_says_that_nothing_is_quantised_is_no_reason()
    {
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        (config["quantization_config"], config["quantize"]) = (null, false);
        _folder.Write(config, tensors);
        LanguageModel.Load(_folder.Path).Dispose();
    }

    private void Refused(params string[] words) =>
        Says(Assert.Throws<CheckpointException>(() => LanguageModel.Load(_folder.Path)), [_folder.Path, .. words]);
}
