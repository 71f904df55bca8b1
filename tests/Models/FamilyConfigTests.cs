using System.Text.Json.Nodes;
using Logitscope.Tests.Golden;
using Logitscope.Tests.Tokenizers;

namespace Logitscope.Tests.Models;

/// <summary>What a family does not implement is refused by its name; <see cref="ConfigTests"/> has GPT-J's.</summary>
public sealed class FamilyConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("scale_attn_by_inverse_layer_idx", "true", "False")]
    [InlineData("reorder_and_upcast_attn", "true", "False")]
    [InlineData("add_cross_attention", "true", "False")]
    [InlineData("scale_attn_weights", "false", "True")]
    [InlineData("activation_function", "\"relu\"", "gelu_new")]
    [InlineData("n_head", "5", "a divisor of the hidden size 24")]
    [InlineData("n_positions", "null", "a number")]
    public void Gpt2(string field, string value, string expected) =>
        Refused("gpt2/with-prefix", field, value, expected);

    [Theory]
    [InlineData("hidden_act", "\"gelu\"", "silu")]
    [InlineData("attention_bias", "1", "true or false")]
    [InlineData("mlp_bias", "1", "true or false")]
    [InlineData("rope_scaling", "{\n\"type\": \"default\",\n\"factor\": 2\n}", "no such field", "rope_scaling.factor")]
    [InlineData("rope_scaling.type", "\"yarn\"", "one of default, linear, dynamic, llama3")]
    [InlineData("rope_scaling.type", "\"linear\"", "a number", "rope_scaling.factor")]
    [InlineData("rope_scaling", "{\"type\": \"linear\", \"factor\": 0}", "above 0", "rope_scaling.factor")]
    [InlineData("rope_scaling", "{\"type\": \"linear\", \"factor\": 2, \"beta_fast\": 32}", "no such field", "rope_scaling.beta_fast")]
    [InlineData("rope_scaling", "{\"type\": \"linear\", \"rope_type\": \"longrope\", \"factor\": 2}", "one of", "rope_scaling.rope_type")]
    [InlineData("rope_parameters.full_attention", "{\"rope_theta\": 5}", "no such field")]
    [InlineData("rope_parameters", "10000", "an object")]
    [InlineData("rope_parameters.rope_type", "\"llama3\"", "a number", "rope_parameters.factor")]
    [InlineData(
        "rope_parameters",
        "{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, \"high_freq_factor\": 4, \"original_max_position_embeddings\": 8}",
        "more than low_freq_factor 4",
        "rope_parameters.high_freq_factor")]
    [InlineData(
        "rope_parameters",
        "{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1, \"high_freq_factor\": 4}",
        "a number",
        "rope_parameters.original_max_position_embeddings")]
    [InlineData("rope_parameters.rope_theta", "\"10000\"", "a number")]
    [InlineData("rope_parameters.partial_rotary_factor", "0.5", "1")]
    [InlineData("num_key_value_heads", "4", "a divisor of num_attention_heads 6")]
    [InlineData("head_dim", "5", "an even number")]
    [InlineData("intermediate_size", "null", "a number")]
    public void Llama(string field, string value, string expected, string? named = null) =>
        Refused("llama/grouped", field, value, expected, named);

    [Theory]
    [InlineData("qwen2/window", "layer_types", "[\"sliding_attention\"]", "'full_attention' for layer 0")]
    [InlineData("qwen2/window", "layer_types", "[\"full_attention\", \"full_attention\"]", "'sliding_attention' for layer 1")]
    [InlineData("qwen2/window", "max_window_layers", "-1", "a whole number from 0")]
    [InlineData("qwen2/window", "use_sliding_window", "1", "true or false")]
    [InlineData("qwen3/normed", "layer_types", "[\"sliding_attention\"]", "'full_attention' for layer 0")]
    [InlineData("qwen3/normed", "sliding_window", "0", "above 0")]
    [InlineData("mistral/window", "layer_types", "[\"full_attention\"]", "'sliding_attention' for layer 0")]
    [InlineData("mistral/window", "sliding_window", "\"4\"", "a number")]
    [InlineData("mistral/window", "num_key_value_heads", "3", "a divisor of num_attention_heads 4")]
    public void Mistral_and_Qwen(string fixture, string field, string value, string expected) => Refused(fixture, field, value, expected);

    [Theory]
    [InlineData("mistral/window", "sliding_window", null, 4096, 4096)]
    [InlineData("mistral/window", "sliding_window", "null", null, null)]
    [InlineData("mistral/window", "sliding_window", "7", 7, 7)]
    [InlineData("qwen2/window", "use_sliding_window", "false", null, null)]
    [InlineData("qwen2/window", "use_sliding_window", null, null, null)]
    [InlineData("qwen2/window", "sliding_window", null, null, 4096)]
    [InlineData("qwen2/window", "sliding_window", "null", null, null)]
    [InlineData("qwen2/window", "max_window_layers", null, null, null)]
    [InlineData("qwen2/window", "max_window_layers", "0", 4, 4)]
    [InlineData("qwen3/normed", "use_sliding_window", "true", null, null)]
    [InlineData("qwen3/normed", "sliding_window", null, null, null)]
    public void A_window_is_transformers(string fixture, string field, string? value, int? first, int? second)
    {
        var sizes = (LlamaConfig)Families.ReadConfig(Config(fixture, (field, value))).Sizes;
        Assert.Equal((first, second), (sizes.WindowOf(0), sizes.WindowOf(1)));
    }

    // A file of transformers 5, without a layer that sees everything, has stray keys beside the two.
    [Fact]
    public void Gemma_3s_rotary_settings_are_read_from_where_either_transformers_writes_them()
    {
        var before = GemmaConfig.ReadGemma3(Config("gemma3_text/two-ropes"));
        Assert.Equal((2000, 8, 100, null), (before.RopeTheta, before.RopeScaling!.Factor, before.RopeLocalBaseFreq, before.RopeLocalScaling));
        const string now = """
            {"full_attention": {"rope_theta": 3e6, "rope_type": "linear", "factor": 4}, "sliding_attention": {"rope_theta": 300, "rope_type": "default"},
             "rope_type": "default", "rope_theta": null}
            """;
        var after = GemmaConfig.ReadGemma3(Config(
            "gemma3_text/two-ropes", ("rope_scaling", null), ("rope_theta", null), ("rope_local_base_freq", null), ("rope_parameters", now)));
        Assert.Equal((3e6, 4, 300, null), (after.RopeTheta, after.RopeScaling!.Factor, after.RopeLocalBaseFreq, after.RopeLocalScaling));
        var none = GemmaConfig.ReadGemma3(Config("gemma3_text/two-ropes", ("rope_scaling", null), ("rope_theta", null), ("rope_local_base_freq", null)));
        Assert.Equal((1e6, null, 10000, null), (none.RopeTheta, none.RopeScaling, none.RopeLocalBaseFreq, none.RopeLocalScaling));
    }

    [Theory]
    [InlineData("gemma2/capped", null, 2)]
    [InlineData("gemma3_text/two-ropes", null, 6)]
    [InlineData("gemma3_text/two-ropes", "[\"sliding_attention\", \"sliding_attention\", \"full_attention\"]", 3)]
    [InlineData("gemma3_text/two-ropes", "[\"sliding_attention\", \"sliding_attention\"]", 8)] // that is in none of seven layers
    public void Gemmas_windows_are_in_all_layers_but_each_so_many_th(string fixture, string? types, int every)
    {
        var config = Config(fixture, ("sliding_window_pattern", null), ("layer_types", types), ("num_hidden_layers", "7"));
        var sizes = (GemmaConfig)Families.ReadConfig(config).Sizes;
        Assert.All(Enumerable.Range(0, 7), layer => Assert.Equal((layer + 1) % every != 0, sizes.WindowOf(layer) is not null));
    }

    [Fact]
    public void Gemma_2s_caps_are_there_where_the_file_is_silent()
    {
        var sizes = GemmaConfig.ReadGemma2(Config(
            "gemma2/capped", ("attn_logit_softcapping", null), ("final_logit_softcapping", null), ("query_pre_attn_scalar", null), ("head_dim", null)));
        Assert.Equal((50, 30, 256, 256), (sizes.AttnLogitSoftcapping, sizes.FinalLogitSoftcapping, sizes.QueryPreAttnScalar, sizes.HeadDim));
    }

    // transformers' configuration classes have other defaults than LLaMA's.
    [Theory]
    [InlineData("mistral/window", "num_key_value_heads", 8)]
    [InlineData("qwen2/window", "num_key_value_heads", 32)]
    [InlineData("qwen3/normed", "num_key_value_heads", 32)]
    [InlineData("qwen3/normed", "head_dim", 128)]
    [InlineData("mistral/window", "head_dim", 24)]
    public void A_field_that_is_left_out_has_the_familys_own_default(string fixture, string field, int otherwise)
    {
        var config = Config(fixture, (field, null), ("num_attention_heads", "32"), ("hidden_size", "768"), ("head_dim", field == "head_dim" ? null : "24"));
        var sizes = (LlamaConfig)Families.ReadConfig(config).Sizes;
        Assert.Equal(otherwise, field == "head_dim" ? sizes.HeadDim : sizes.NumKeyValueHeads);
    }

    // Beyond the context, where it would, no sequence goes.
    [Fact]
    public void Dynamic_scaling_moves_no_bit()
    {
        Config("llama/grouped", ("rope_scaling", "{\"rope_type\": \"dynamic\", \"factor\": 4}"));
        File.Copy(Path.Combine(GoldenModel.FolderOf("llama/grouped"), "model.safetensors"), _folder.PathOf("model.safetensors"));
        using var plain = TinyModel.Open(name: "llama/grouped");
        using var scaled = LanguageModel.Load(_folder.Path);
        Assert.Equal("dynamic", ((LlamaConfig)scaled.Config).RopeScaling!.RopeType);
        var ids = plain.Tensor(plain.RandomIds(plain.ContextLength, seed: 1));
        TinyModel.Identical(plain.Forward(ids).Logits, scaled.Forward(ids).Logits, "logits");
    }

    [Theory]
    [InlineData("hidden_act", "\"gelu_new\"", "gelu")]
    [InlineData("rope_scaling.rope_type", "\"linear\"", "default")]
    [InlineData("rope_parameters.rope_type", "\"yarn\"", "default")]
    [InlineData("rope_parameters.type", "\"linear\"", "default")]
    [InlineData("num_attention_heads", "7", "a divisor of the hidden size 24")]
    [InlineData("rotary_pct", "0.4", "a share of the head's 8 that is an even number of dimensions")]
    [InlineData("rotary_pct", "0", "a share of the head's 8 that is an even number of dimensions")]
    [InlineData("rotary_pct", "1.25", "a share of the head's 8 that is an even number of dimensions")]
    [InlineData("use_parallel_residual", "1", "true or false")]
    public void GptNeoX(string field, string value, string expected) =>
        Refused("gpt_neox/sequential", field, value, expected);

    [Fact]
    public void LLaMAs_rotary_settings_are_also_read_from_where_transformers_5_writes_them()
    {
        Assert.Equal(500, LlamaConfig.Read(Config("llama/grouped")).RopeTheta);
        Assert.Equal(300, LlamaConfig.Read(Config("llama/grouped", ("rope_parameters.rope_theta", "300"))).RopeTheta);
        Assert.Equal(500, LlamaConfig.Read(Config("llama/grouped", ("rope_parameters.rope_type", "\"default\""))).RopeTheta);
    }

    [Fact]
    public void GPT_NeoXs_rotary_settings_are_also_read_from_where_transformers_5_writes_them()
    {
        var before = GptNeoXConfig.Read(Config("gpt_neox/sequential"));
        Assert.Equal((300, 0.75, 6), (before.RotaryEmbBase, before.RotaryPct, before.RotaryDim));
        var now = GptNeoXConfig.Read(
            Config(
                "gpt_neox/sequential",
                ("rope_parameters.rope_theta", "500"),
                ("rope_parameters.partial_rotary_factor", "0.5")));
        Assert.Equal((500, 0.5, 4), (now.RotaryEmbBase, now.RotaryPct, now.RotaryDim));
    }

    // 37 x 20 and 17 x 20 embeddings, 3 x 3,666 in blocks, 2 x 20 in the last norm;
    // 37 x 24 embeddings, 2 x 4,512 in blocks, 24 in the last norm.
    [Theory]
    [InlineData("gpt2/without-prefix", 12_118)]
    [InlineData("llama/tied", 9_936)]
    public void A_tied_embedding_counts_once(string name, long expected)
    {
        using var model = TinyModel.Open(name: name);
        Assert.Equal(expected, model.ParameterCount);
    }

    private void Refused(string name, string field, string value, string expected, string? named = null)
    {
        Config(name, (field, value));
        var weights = Path.Combine(GoldenModel.FolderOf(name), "model.safetensors");
        File.Copy(weights, Path.Combine(_folder.Path, "model.safetensors"));
        var error = Assert.Throws<CheckpointException>(() => LanguageModel.Load(_folder.Path));
        TinyModel.Says(error, _folder.Path, $"{named ?? field}: expected", expected);
    }

    private ConfigReader Config(string name, params (string Field, string? Value)[] changes)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(GoldenModel.FolderOf(name), "config.json")))!;
        foreach (var (field, value) in changes)
        {
            var owner = config;
            var names = field.Split('.');
            foreach (var section in names[..^1])
            {
                owner = owner[section] ??= new JsonObject();
            }

            if (value is null)
            {
                owner.AsObject().Remove(names[^1]);
            }
            else
            {
                owner[names[^1]] = JsonNode.Parse(value);
            }
        }

        _folder.Write("config.json", config.ToJsonString());
        return ConfigReader.Open(_folder.Path);
    }
}
