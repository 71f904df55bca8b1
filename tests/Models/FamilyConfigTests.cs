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
    [InlineData("attention_bias", "true", "False")]
    [InlineData("mlp_bias", "true", "False")]
    [InlineData("rope_scaling", "{\n\"type\": \"default\",\n\"factor\": 2\n}", "no such field", "rope_scaling.factor")]
    [InlineData("rope_scaling.type", "\"linear\"", "default")]
    [InlineData("rope_parameters.full_attention", "{\"rope_theta\": 5}", "no such field")]
    [InlineData("rope_parameters", "10000", "an object")]
    [InlineData("rope_parameters.rope_type", "\"llama3\"", "default")]
    [InlineData("rope_parameters.rope_theta", "\"10000\"", "a number")]
    [InlineData("rope_parameters.partial_rotary_factor", "0.5", "1")]
    [InlineData("num_key_value_heads", "4", "a divisor of num_attention_heads 6")]
    [InlineData("head_dim", "5", "an even number")]
    [InlineData("intermediate_size", "null", "a number")]
    public void Llama(string field, string value, string expected, string? named = null) =>
        Refused("llama/grouped", field, value, expected, named);

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

    private ConfigReader Config(string name, params (string Field, string Value)[] changes)
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

            owner[names[^1]] = JsonNode.Parse(value);
        }

        _folder.Write("config.json", config.ToJsonString());
        return ConfigReader.Open(_folder.Path);
    }
}
