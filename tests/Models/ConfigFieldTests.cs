using System.Text.Json.Nodes;
using Logitscope.Tests.Checkpoints;
using Logitscope.Tests.Golden;
using static Logitscope.Tests.Models.TinyModel;

namespace Logitscope.Tests.Models;

/// <summary>
/// Every field of transformers 5's configuration classes of the families (GPTJConfig, GPT2Config, GPTNeoXConfig, LlamaConfig,
/// MistralConfig, Qwen2Config, Qwen3Config, Gemma2Config, Gemma3TextConfig, and PreTrainedConfig below them, with the names by which their <c>attribute_map</c> and the rotary mixin
/// know a field), and those of earlier versions that files still carry: each is read, refused unless it says what is
/// implemented, or cannot change the numbers.
/// </summary>
public sealed class ConfigFieldTests : IDisposable
{
    private const string GptJ = "gptj/partial-rotary", Gpt2 = "gpt2/with-prefix", NeoX = "gpt_neox/parallel", Llama = "llama/grouped",
        Llama3 = "llama/llama3", Linear = "llama/linear", Mistral = "mistral/window", Qwen2 = "qwen2/window", Qwen3 = "qwen3/normed",
        Gemma2 = "gemma2/capped", Gemma3 = "gemma3_text/two-ropes";

    private static readonly string[] s_all = [GptJ, Gpt2, NeoX, Llama, Mistral, Qwen2, Qwen3, Gemma2, Gemma3];

    private readonly TemporaryFolder _folder = new();

    // A value that the fixture does not have: it must be in the family's record, or be refused because the tensors differ.
    public static TheoryData<string, string, string> Read() => Rows(
        (GptJ, ["vocab_size: 62", "n_positions: 30", "max_position_embeddings: 32", "n_embd: 96", "hidden_size: 48", "n_layer: 2",
            "num_hidden_layers: 3", "n_head: 6", "num_attention_heads: 3", "rotary_dim: 4", "n_inner: 100", "layer_norm_epsilon: 1e-3",
            "tie_word_embeddings: true", "model_type: \"gpt2\""]),
        (Gpt2, ["vocab_size: 62", "n_positions: 16", "n_embd: 96", "n_layer: 1", "n_head: 4", "n_inner: 100", "layer_norm_epsilon: 0.5",
            "tie_word_embeddings: false"]),
        (NeoX, ["vocab_size: 62", "hidden_size: 96", "num_hidden_layers: 1", "num_attention_heads: 6", "intermediate_size: 100",
            "max_position_embeddings: 16", "layer_norm_eps: 0.5", "use_parallel_residual: false", "attention_bias: false",
            "rotary_pct: 1", "rotary_emb_base: 500", "rope_parameters.rope_theta: 500", "rope_parameters.partial_rotary_factor: 1",
            "rope_scaling.rope_theta: 500", "tie_word_embeddings: true"]),
        (Llama, ["vocab_size: 62", "hidden_size: 96", "num_hidden_layers: 1", "num_attention_heads: 3", "num_key_value_heads: 1",
            "head_dim: 8", "intermediate_size: 100", "max_position_embeddings: 12", "rms_norm_eps: 0.5", "rope_theta: 700",
            "rope_parameters.rope_theta: 700", "rope_scaling.rope_theta: 700", "tie_word_embeddings: true", "attention_bias: true",
            "mlp_bias: true", "rope_scaling: {\"type\": \"linear\", \"factor\": 2}", "rope_parameters: {\"rope_type\": \"dynamic\", \"factor\": 2}"]),
        (Llama3, ["rope_scaling.factor: 32", "rope_scaling.low_freq_factor: 2", "rope_scaling.high_freq_factor: 8",
            "rope_scaling.original_max_position_embeddings: 16", "rope_scaling.rope_theta: 700", "rope_theta: 700"]),
        (Linear, ["rope_parameters.factor: 2", "rope_parameters.rope_type: \"dynamic\"", "attention_bias: false", "mlp_bias: false"]),
        (Mistral, ["vocab_size: 62", "hidden_size: 96", "num_hidden_layers: 1", "num_attention_heads: 2", "num_key_value_heads: 1",
            "num_key_value_heads: null", "head_dim: 8", "intermediate_size: 100", "max_position_embeddings: 12", "rms_norm_eps: 0.5",
            "rope_theta: 700", "sliding_window: 5", "sliding_window: null", "tie_word_embeddings: true"]),
        (Qwen2, ["vocab_size: 62", "hidden_size: 96", "num_hidden_layers: 1", "num_attention_heads: 4", "num_key_value_heads: 2",
            "num_key_value_heads: null", "head_dim: 8", "intermediate_size: 100", "max_position_embeddings: 12", "rms_norm_eps: 0.5",
            "rope_theta: 700", "sliding_window: 5", "sliding_window: null", "use_sliding_window: false", "max_window_layers: 2",
            "tie_word_embeddings: false"]),
        (Qwen3, ["vocab_size: 62", "hidden_size: 96", "num_hidden_layers: 1", "num_attention_heads: 2", "num_key_value_heads: 1",
            "num_key_value_heads: null", "head_dim: 6", "head_dim: null", "intermediate_size: 100", "max_position_embeddings: 12",
            "rms_norm_eps: 0.5", "rope_theta: 700", "attention_bias: true", "tie_word_embeddings: true"]),
        (Gemma2, ["vocab_size: 62", "hidden_size: 96", "num_hidden_layers: 1", "num_attention_heads: 2", "num_key_value_heads: 4",
            "num_key_value_heads: null", "head_dim: 6", "head_dim: null", "intermediate_size: 100", "max_position_embeddings: 12",
            "rms_norm_eps: 0.5", "rope_theta: 700", "rope_parameters.rope_theta: 700", "query_pre_attn_scalar: 144", "sliding_window: 5",
            "attn_logit_softcapping: null", "attn_logit_softcapping: 50", "final_logit_softcapping: null", "final_logit_softcapping: 30",
            "attention_bias: true", "tie_word_embeddings: false", "rope_scaling: {\"type\": \"linear\", \"factor\": 2}",
            "layer_types: [\"full_attention\", \"full_attention\"]", "layer_types: [\"sliding_attention\", \"sliding_attention\"]"]),
        (Gemma3, ["vocab_size: 62", "hidden_size: 96", "num_hidden_layers: 1", "num_attention_heads: 2", "num_key_value_heads: 2",
            "head_dim: 6", "intermediate_size: 100", "max_position_embeddings: 12", "rms_norm_eps: 0.5", "rope_theta: 700",
            "rope_local_base_freq: 700", "rope_scaling.factor: 2", "rope_scaling: null", "query_pre_attn_scalar: 144", "sliding_window: 5",
            "sliding_window_pattern: 6", "final_logit_softcapping: 30", "attention_bias: true", "tie_word_embeddings: false",
            "rope_parameters.sliding_attention: {\"rope_theta\": 5}",
            "rope_parameters.sliding_attention: {\"rope_type\": \"linear\", \"factor\": 2}"]));

    public static TheoryData<string, string, string> Refused() => Rows(
        (GptJ, ["activation_function: \"gelu\"", "rotary: false", "scale_attn_weights: false", "rope_theta: 500",
            "rope_parameters.rope_theta: 500", "rope_scaling.type: \"linear\"", "rotary_pct: 0.5", "rotary_emb_base: 500",
            "partial_rotary_factor: 0.5", "layer_norm_eps: 1e-3", "rms_norm_eps: 1e-3", "num_key_value_heads: 1", "head_dim: 8",
            "hidden_size: 24", "num_attention_heads: 6", "max_position_embeddings: 16", "num_hidden_layers: 2"]),
        (Gpt2, ["activation_function: \"relu\"", "scale_attn_weights: false", "scale_attn_by_inverse_layer_idx: true",
            "reorder_and_upcast_attn: true", "add_cross_attention: true", "rope_theta: 10000", "rotary_dim: 4", "qk_norm: true",
            "alibi: true", "attention_bias: true", "num_key_value_heads: 1"]),
        (NeoX, ["hidden_act: \"gelu_fast\"", "rope_theta: 500", "partial_rotary_factor: 1", "rope_parameters.rope_type: \"yarn\"",
            "rope_parameters.factor: 2", "rope_scaling.type: \"linear\"", "head_dim: 4", "num_key_value_heads: 1", "rotary_dim: 4",
            "rotary_ndims: 4"]),
        (Llama, ["hidden_act: \"gelu\"", "partial_rotary_factor: 0.5", "rope_parameters.partial_rotary_factor: 0.5",
            "rope_parameters.rope_type: \"yarn\"", "rope_parameters.type: \"su\"", "rope_scaling.type: \"mrope\"",
            "rope_parameters.factor: 8", "rope_parameters.original_max_position_embeddings: 8", "rope_parameters.attention_factor: 2",
            "rope_parameters.beta_fast: 32", "rope_parameters.beta_slow: 1", "rope_parameters.short_factor: [1]",
            "rope_parameters.long_factor: [1]", "rope_parameters.low_freq_factor: 1", "rope_parameters.high_freq_factor: 4",
            "rope_parameters.mscale: 2", "rope_parameters.truncate: true", "rope_parameters.full_attention: {\"rope_theta\": 5}",
            "rope_scaling.rope_type: \"longrope\"", "rope_scaling.factor: 2", "rotary_pct: 0.5", "rotary_dim: 4", "rotary_emb_base: 500",
            "rope_local_base_freq: 500", "original_max_position_embeddings: 8", "sliding_window: 4", "use_sliding_window: true",
            "layer_types: [\"full_attention\", \"sliding_attention\"]", "mlp_layer_types: [\"sparse\"]", "qk_layernorm: true",
            "use_qk_norm: true", "attn_logit_softcapping: 50", "final_logit_softcapping: 30", "logits_scaling: 8", "residual_multiplier: 0.2",
            "embedding_multiplier: 12", "attention_multiplier: 0.1", "query_pre_attn_scalar: 144", "attn_temperature_tuning: true",
            "no_rope_layers: [1]", "num_local_experts: 8", "num_experts_per_tok: 2", "moe_intermediate_size: 8", "clip_qkv: 8",
            "parallel_attn: true", "use_parallel_residual: true", "qkv_bias: true", "hidden_activation: \"gelu\"",
            "layer_norm_eps: 1e-3", "alibi: true", "per_layer_config: {\"0\": {\"head_dim\": 3}}", "quantization_config: {\"bits\": 4}",
            "max_window_layers: 1"]),
        (Llama3, ["rope_scaling.rope_type: \"longrope\"", "rope_scaling.attention_factor: 2", "rope_scaling.beta_fast: 32",
            "rope_scaling.low_freq_factor: 0", "rope_scaling.high_freq_factor: 1", "rope_scaling.original_max_position_embeddings: null",
            "rope_scaling.factor: null"]),
        (Linear, ["rope_parameters.low_freq_factor: 1", "rope_parameters.factor: \"4\"", "rope_parameters.partial_rotary_factor: 0.5"]),
        (Mistral, ["hidden_act: \"gelu\"", "attention_bias: true", "mlp_bias: true", "use_sliding_window: true", "max_window_layers: 1",
            "layer_types: [\"full_attention\"]", "rope_scaling.rope_type: \"yarn\"", "num_local_experts: 8", "sliding_window: -1"]),
        (Qwen2, ["hidden_act: \"gelu\"", "attention_bias: true", "mlp_bias: true", "qk_layernorm: true", "layer_types: [\"sliding_attention\"]",
            "rope_scaling.type: \"mrope\"", "rope_scaling.rope_type: \"yarn\"", "num_experts: 8", "sliding_window: 0",
            "use_sliding_window: \"yes\"", "max_window_layers: 0.5"]),
        (Qwen3, ["hidden_act: \"gelu\"", "mlp_bias: true", "layer_types: [\"sliding_attention\"]", "rope_scaling.rope_type: \"yarn\"",
            "num_experts: 8", "head_dim: 7", "qkv_bias: true"]),
        (Gemma2, ["hidden_activation: \"gelu\"", "hidden_act: \"gelu\"", "mlp_bias: true", "use_bidirectional_attention: true",
            "sliding_window: null", "layer_types: [\"full_attention\", \"sliding_attention\"]", "rope_scaling.rope_type: \"yarn\"",
            "attn_logit_softcapping: 0", "final_logit_softcapping: -1", "query_pre_attn_scalar: 0", "sliding_window_pattern: 6",
            "rope_local_base_freq: 100", "rope_parameters.full_attention: {\"rope_theta\": 5}", "partial_rotary_factor: 0.5"]),
        (Gemma3, ["hidden_activation: \"relu\"", "attn_logit_softcapping: 50", "use_bidirectional_attention: true", "sliding_window: null",
            "layer_types: [\"full_attention\", \"sliding_attention\"]", "rope_scaling.rope_type: \"yarn\"", "rope_parameters.rope_theta: 5",
            "rope_parameters.rope_type: \"linear\"", "rope_parameters.factor: 2", "rope_parameters.full_attention: {\"rope_theta\": 5}",
            "rope_parameters.sliding_attention: {\"rope_type\": \"yarn\"}", "_sliding_window_pattern: 6", "sliding_window_pattern: 0"]),
        ("", [
            "is_causal: false", "is_encoder_decoder: true", "add_cross_attention: true", "cross_attention_hidden_size: 8",
            "pruned_heads: {\"0\": [1]}", "position_embedding_type: \"relative\"", "layer_types: \"full_attention\"",
        ]));

    // Dropout is of training, ids and generation settings of what stands around the model, dtype of the file (the command
    // line says which type it has in memory), the others of logging, of other heads, and of the memory that a run takes.
    public static TheoryData<string, string, string> Harmless() => Rows(
        (GptJ, ["resid_pdrop: 0.1", "embd_pdrop: 0.1", "attn_pdrop: 0.1", "n_ctx: 16", "rotary: true", "scale_attn_weights: true",
            "rope_theta: 10000", "hidden_size: 48", "summary_activation: \"tanh\"", "summary_first_dropout: 0.1", "gradient_checkpointing: true"]),
        (Gpt2, ["resid_pdrop: 0.3", "embd_pdrop: 0.3", "attn_pdrop: 0.3", "n_ctx: 16", "summary_type: \"last\"", "summary_use_proj: false",
            "summary_activation: \"tanh\"", "summary_proj_to_labels: false", "summary_first_dropout: 0.3", "scale_attn_weights: true",
            "scale_attn_by_inverse_layer_idx: false", "reorder_and_upcast_attn: false", "num_key_value_heads: null"]),
        (NeoX, ["attention_dropout: 0.3", "hidden_dropout: 0.3", "classifier_dropout: 0.3", "attention_probs_dropout_prob: 0.3",
            "is_decoder: true", "rope_scaling: null", "rope_parameters: {}", "rope_parameters.rope_type: \"default\""]),
        (Llama, ["attention_dropout: 0.3", "pretraining_tp: 2", "rope_scaling: null", "rope_scaling: {}", "rope_scaling.type: \"default\"",
            "rope_parameters.rope_type: \"default\"", "partial_rotary_factor: 1.0", "sliding_window: null", "use_sliding_window: false",
            "layer_types: [\"full_attention\", \"full_attention\"]", "max_sequence_length: 8", "use_flash_attention: true"]),
        (Llama3, ["rope_scaling.type: \"llama3\"", "rope_scaling.partial_rotary_factor: 1"]),
        (Mistral, ["attention_bias: false", "layer_types: [\"sliding_attention\", \"sliding_attention\"]", "rope_scaling: null"]),
        (Qwen2, ["layer_types: [\"full_attention\", \"sliding_attention\", \"sliding_attention\"]", "rope_scaling: null"]),
        (Qwen3, ["sliding_window: 4", "max_window_layers: 0", "layer_types: [\"full_attention\", \"full_attention\"]",
            "rope_scaling: null"]),
        (Gemma2, ["hidden_act: \"gelu_pytorch_tanh\"", "hidden_activation: null", "use_bidirectional_attention: null", "cache_implementation: \"hybrid\"",
            "rope_parameters: {\"rope_theta\": 500, \"rope_type\": \"default\"}", "layer_types: [\"sliding_attention\", \"full_attention\"]"]),
        (Gemma3, ["use_bidirectional_attention: false", "attn_logit_softcapping: null", "_sliding_window_pattern: 2",
            "layer_types: [\"sliding_attention\", \"full_attention\"]", "rope_parameters: {\"rope_type\": \"default\", \"rope_theta\": null}",
            "rope_parameters: {\"sliding_attention\": {\"rope_type\": \"default\", \"rope_theta\": 100}}"]),
        ("", [
            "architectures: [\"Any\"]", "transformers_version: \"5.12.1\"", "dtype: \"bfloat16\"", "torch_dtype: \"float16\"",
            "initializer_range: 0.5", "use_cache: false", "bos_token_id: 3", "eos_token_id: [3, 4]", "pad_token_id: 3",
            "output_hidden_states: true", "output_attentions: true", "return_dict: false", "chunk_size_feed_forward: 2",
            "is_encoder_decoder: false", "id2label: {\"0\": \"A\"}", "label2id: {\"A\": 0}", "problem_type: \"regression\"",
            "num_labels: 3", "name_or_path: \"x\"", "_name_or_path: \"x\"", "_commit_hash: \"x\"", "attn_implementation: \"eager\"",
            "_attn_implementation_autoset: true", "is_causal: true", "add_cross_attention: false", "pruned_heads: {}",
            "tokenizer_class: \"GPT2Tokenizer\"", "task_specific_params: {\"text-generation\": {\"do_sample\": true}}",
            "temperature: 0.5", "top_k: 5", "renormalize_logits: true", "no_repeat_ngram_size: 3", "torchscript: true",
            "unheard_of: {\"a\": [1, 2]}", "quantization_config: null",
        ]));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Read))]
    public void What_is_read_is_in_the_familys_record_or_contradicts_the_tensors(string fixture, string field, string value)
    {
        var plain = ConfigOf(fixture);
        try
        {
            Change(fixture, field, value);
            using var model = LanguageModel.Load(_folder.Path);
            Assert.True(
                !Equals(plain, model.Config) || fixture.StartsWith("gptj", StringComparison.Ordinal),
                $"{field} changed nothing");
        }
        catch (CheckpointException error)
        {
            Says(error, "expected");
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_not_implemented_is_refused_by_its_name(string fixture, string field, string value)
    {
        Change(fixture, field, value);
        var named = field is "num_attention_heads" && fixture == Gpt2 ? "n_head" : field;
        var error = Assert.Throws<CheckpointException>(() => LanguageModel.Load(_folder.Path));
        Says(error, "config.json: ", ": expected ", "got ");
        Assert.Contains(named.Split('.')[0], error.Message, StringComparison.Ordinal);
        Assert.Contains(named.Split('.')[^1], error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void What_cannot_change_the_numbers_passes(string fixture, string field, string value)
    {
        Change(fixture, field, value);
        using var model = LanguageModel.Load(_folder.Path);
        Assert.Equal(ConfigOf(fixture), model.Config);
    }

    private static object ConfigOf(string fixture) =>
        Families.ReadConfig(ConfigReader.Open(GoldenModel.FolderOf(fixture))).Sizes;

    private static TheoryData<string, string, string> Rows(params (string Fixture, string[] Fields)[] rows) =>
    [
        .. rows.SelectMany(row => row.Fixture.Length > 0 ? [row] : s_all.Select(fixture => (Fixture: fixture, row.Fields)))
            .SelectMany(row => row.Fields.Select(field =>
            (row.Fixture, field[..field.IndexOf(": ", StringComparison.Ordinal)], field[(field.IndexOf(": ", StringComparison.Ordinal) + 2)..]))),
    ];

    private void Change(string fixture, string field, string value)
    {
        var (config, _) = ModelFiles.Of(fixture);
        JsonNode owner = config;
        var names = field.Split('.');
        foreach (var section in names[..^1])
        {
            owner = owner[section] is JsonObject there ? there : (owner[section] = new JsonObject())!;
        }

        owner[names[^1]] = JsonNode.Parse(value);
        _folder.Write("config.json", config.ToJsonString());
        File.Copy(Path.Combine(GoldenModel.FolderOf(fixture), "model.safetensors"), _folder.PathOf("model.safetensors"), overwrite: true);
    }
}
