using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logitscope.Tests.Golden;

namespace Logitscope.Tests.Fuzz;

/// <summary>
/// Fields of config.json with values of every kind. A configuration is refused in one typed line, or read as the oracle
/// below reads it, which is written by transformers' rules and knows nothing of the product.
/// </summary>
public sealed class ConfigFuzzTests : IDisposable
{
    private static readonly JsonSerializerOptions s_names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly string[] s_fields =
    [
        "model_type", "n_embd", "hidden_size", "n_head", "num_attention_heads", "n_layer", "num_hidden_layers", "n_positions",
        "max_position_embeddings", "n_inner", "intermediate_size", "vocab_size", "layer_norm_epsilon", "layer_norm_eps", "rms_norm_eps",
        "rotary_dim", "rotary_pct", "rotary_emb_base", "rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor",
        "num_key_value_heads", "head_dim", "tie_word_embeddings", "use_parallel_residual", "attention_bias", "mlp_bias", "hidden_act",
        "activation_function", "scale_attn_weights", "is_causal", "layer_types", "quantization_config", "sliding_window", "use_sliding_window",
        "max_window_layers", "query_pre_attn_scalar", "hidden_activation", "attn_logit_softcapping", "final_logit_softcapping", "use_cache",
    ];

    private static readonly string[] s_values =
    [
        "null", "true", "false", "0", "-1", "1", "2", "3", "4", "6", "8", "24", "48", "0.5", "0.25", "1.5", "1e-6", "10000", "500.0", "1e999",
        "-1e999", "16777217", "2147483648", "9223372036854775807", "1e308", "\"\"", "\"gelu\"", "\"silu\"", "\"gelu_new\"", "\"12\"", "\"NaN\"",
        "[]", "{}", "[1]", "[\"full_attention\"]", "{\"type\": \"linear\", \"factor\": 2}", "{\"type\": \"yarn\", \"factor\": 2}", "{\"rope_type\": \"default\", \"rope_theta\": 300}",
        "{\"rope_theta\": 0}", "{\"partial_rotary_factor\": 0.5}", "{\"full_attention\": {\"rope_theta\": 3}}", "{\"bits\": 4}", "\"a\\u0007\\nb\"",
    ];

    private readonly TemporaryFolder _folder = TemporaryFolder.Fast();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(4_000)]
    public void A_changed_configuration_is_refused_or_read_as_the_oracle_reads_it(int configurations) => Fuzz(configurations);

    [Theory]
    [InlineData(200_000)]
    [Trait("Tier", "slow")]
    public void Many_changed_configurations_are_refused_or_read_as_the_oracle_reads_them(int configurations) => Fuzz(configurations);

    private void Fuzz(int configurations)
    {
        var random = new Random(configurations);
        string[] fixtures = [.. GoldenModel.Names];
        var read = 0;
        for (var i = 0; i < configurations; i++)
        {
            var config = JsonNode.Parse(File.ReadAllText(Path.Combine(GoldenModel.FolderOf(fixtures[i % fixtures.Length]), "config.json")))!.AsObject();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var field = s_fields[random.Next(s_fields.Length)];
                if (random.Next(6) == 0)
                {
                    config.Remove(field);
                }
                else
                {
                    config[field] = JsonNode.Parse(s_values[random.Next(s_values.Length)]);
                }
            }

            _folder.Write("config.json", config.ToJsonString());
            try
            {
                var sizes = Families.ReadConfig(ConfigReader.Open(_folder.Path)).Sizes;
                read++;
                var got = JsonSerializer.SerializeToNode(sizes, sizes.GetType(), s_names)!.AsObject();
                foreach (var (name, expected) in Oracle(config))
                {
                    Assert.True(
                        expected == Number(got[name]),
                        $"{config.ToJsonString()}: {name}: expected {expected}, got {got[name]}");
                }
            }
            catch (LogitscopeException error)
            {
                Assert.DoesNotContain(error.Message, char.IsControl);
                Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(read, configurations / 20, configurations - 1);
    }

    private static IEnumerable<(string Name, double Value)> Oracle(JsonObject config)
    {
        string? Or(params string[] names) => names.FirstOrDefault(name => config[name] is not null);
        double Of(double otherwise, params string[] names) => Or(names) is { } name ? Number(config[name]) : otherwise;
        var rope = config["rope_scaling"] is JsonObject { Count: > 0 } scaling ? scaling : config["rope_parameters"] as JsonObject ?? [];
        double Rope(string name, double otherwise) => rope[name] is { } value ? Number(value) : otherwise;
        yield return ("vocab_size", Of(double.NaN, "vocab_size"));
        switch ((string?)config["model_type"])
        {
            case "gptj" or "gpt2":
                var width = Of(double.NaN, "hidden_size", "n_embd"); // the attribute's other name is set last
                yield return ("n_embd", width);
                yield return ("n_head", Of(double.NaN, "num_attention_heads", "n_head"));
                yield return ("n_layer", Of(double.NaN, "num_hidden_layers", "n_layer"));
                yield return ("n_positions", Of(double.NaN, "max_position_embeddings", "n_positions"));
                yield return ("n_inner", Of(4 * width, "n_inner"));
                yield return ("layer_norm_epsilon", Of(1e-5, "layer_norm_epsilon"));
                yield return ("tie_word_embeddings", Of((string?)config["model_type"] == "gpt2" ? 1 : 0, "tie_word_embeddings"));
                if ((string?)config["model_type"] == "gptj")
                {
                    yield return ("rotary_dim", Of(double.NaN, "rotary_dim"));
                }

                break;
            case "gpt_neox":
                yield return ("hidden_size", Of(double.NaN, "hidden_size"));
                yield return ("num_attention_heads", Of(double.NaN, "num_attention_heads"));
                yield return ("num_hidden_layers", Of(double.NaN, "num_hidden_layers"));
                yield return ("intermediate_size", Of(double.NaN, "intermediate_size"));
                yield return ("max_position_embeddings", Of(double.NaN, "max_position_embeddings"));
                yield return ("layer_norm_eps", Of(1e-5, "layer_norm_eps"));
                yield return ("rotary_emb_base", Rope("rope_theta", Of(10000, "rotary_emb_base")));
                yield return ("rotary_pct", Rope("partial_rotary_factor", Of(0.25, "rotary_pct")));
                yield return ("use_parallel_residual", Of(1, "use_parallel_residual"));
                yield return ("attention_bias", Of(1, "attention_bias"));
                yield return ("tie_word_embeddings", Of(0, "tie_word_embeddings"));
                break;
            default:
                var heads = Of(double.NaN, "num_attention_heads");
                yield return ("hidden_size", Of(double.NaN, "hidden_size"));
                yield return ("num_attention_heads", heads);
                var type = (string?)config["model_type"];
                var isGemma = type is "gemma2" or "gemma3_text";
                yield return ("num_key_value_heads", Of(isGemma ? 4 : type switch { "mistral" => 8, "qwen2" or "qwen3" => 32, _ => heads }, "num_key_value_heads"));
                yield return ("head_dim", Of(isGemma ? 256 : type == "qwen3" ? 128 : Math.Floor(Of(double.NaN, "hidden_size") / heads), "head_dim"));
                if (type == "mistral" && (!config.ContainsKey("sliding_window") || config["sliding_window"] is not null))
                {
                    yield return ("sliding_window", Of(4096, "sliding_window"));
                }

                yield return ("num_hidden_layers", Of(double.NaN, "num_hidden_layers"));
                yield return ("intermediate_size", Of(double.NaN, "intermediate_size"));
                yield return ("max_position_embeddings", Of(double.NaN, "max_position_embeddings"));
                yield return ("rms_norm_eps", Of(1e-6, "rms_norm_eps"));
                yield return ("tie_word_embeddings", Of(isGemma ? 1 : 0, "tie_word_embeddings"));
                if (type != "gemma3_text")
                {
                    yield return ("rope_theta", Rope("rope_theta", Of(10000, "rope_theta")));
                }

                break;
        }
    }

    private static double Number(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.Number => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture),
        _ => double.NaN,
    };
}
