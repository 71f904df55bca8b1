using System.Text.Json.Nodes;
using Logitscope.Tests.Golden;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>A folder that is not what it should be is refused, with the file and the field in the message.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ConfigTests()
    {
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(GoldenModel.FolderOf("gptj/partial-rotary"), name), PathOf(name));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_copy_is_a_model()
    {
        using var model = LanguageModel.Load(_folder.Path);
        Assert.Equal(
            ("gptj", 3, 48, 61, 32),
            (model.Architecture, model.Layers, model.HiddenSize, model.VocabularySize, model.ContextLength));
        Assert.Equal(_folder.Path, model.Folder);
    }

    [Theory]
    [InlineData("gptj/given-inner")]
    [InlineData("gptj/partial-rotary")]
    public void What_is_written_is_read_again(string name)
    {
        var config = GptJConfig.Read(ConfigReader.Open(GoldenModel.FolderOf(name)));
        config.Write(_folder.Path);
        Assert.Equal(config, GptJConfig.Read(ConfigReader.Open(_folder.Path)));
    }

    [Fact]
    public void The_embedded_models_config_comes_out_again()
    {
        var folder = Repository.File("data", "tiny-gptj");
        GptJConfig.Read(ConfigReader.Open(folder)).Write(_folder.Path, bos: 4095, eos: 4095);
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "config.json")), File.ReadAllText(PathOf("config.json")));
    }

    [Theory]
    [InlineData("model_type")]
    [InlineData("n_embd")]
    [InlineData("n_head")]
    [InlineData("n_layer")]
    [InlineData("n_positions")]
    [InlineData("rotary_dim")]
    [InlineData("vocab_size")]
    public void A_missing_field_is_named(string field)
    {
        Change(config => config.Remove(field));
        Refused($"{field}: expected", "got nothing");
    }

    [Theory]
    [InlineData("n_head", "5", "a divisor of the hidden size 48")]
    [InlineData("n_head", "0", "above 0")]
    [InlineData("n_layer", "-3", "above 0")]
    [InlineData("n_layer", "1.5", "above 0")]
    [InlineData("n_layer", "99999999999", "above 0")]
    [InlineData("n_layer", "2000000000", "above 0, up to 16777216")]
    [InlineData("layer_norm_epsilon", "1e999", "a finite number")]
    [InlineData("n_positions", "\"32\"", "a number")]
    [InlineData("vocab_size", "null", "a number")]
    [InlineData("rotary_dim", "5", "an even number up to the head's 16")]
    [InlineData("rotary_dim", "18", "an even number up to the head's 16")]
    [InlineData("layer_norm_epsilon", "\"small\"", "a number")]
    [InlineData("model_type", "\"bert\"", "one of gptj")]
    [InlineData("model_type", "7", "a string")]
    [InlineData("activation_function", "\"gelu\"", "gelu_new")]
    [InlineData("layer_norm_epsilon", "0", "above 0")]
    [InlineData("layer_norm_epsilon", "-1e-5", "above 0")]
    [InlineData("tie_word_embeddings", "1", "true or false")]
    public void A_field_that_does_not_fit_is_named_with_what_would(string field, string value, string expected)
    {
        Change(config => config[field] = JsonNode.Parse(value));
        Refused($"{field}: expected", expected);
    }

    [Fact]
    public void A_width_whose_inner_width_is_beyond_all_models_is_refused()
    {
        Change(config =>
        {
            config["n_embd"] = 9_000_000;
            config.Remove("n_inner");
        });
        Refused("n_inner", "36000000");
    }

    [Fact]
    public void A_context_whose_table_would_not_fit_into_memory_is_refused()
    {
        Change(config => (config["n_positions"], config["rotary_dim"]) = (16_000_000, 16));
        Refused("n_positions: expected up to", "got 16000000");
    }

    [Theory]
    [InlineData("cuda", 0, "expected cpu")]
    [InlineData("cuda:1", 1, "expected cuda:N with N below 1")]
    [InlineData("cuda:255", 8, "expected cuda:N with N below 8")]
    public void A_GPU_that_is_not_there_is_refused(string name, int gpus, string expected)
    {
        Assert.Contains(expected, Assert.Throws<ModelException>(() => Families.CheckGpu(TorchRuntime.DeviceOf(name), gpus)).Message, StringComparison.Ordinal);
        Families.CheckGpu(TorchRuntime.DeviceOf(name), Math.Max(0, TorchRuntime.DeviceOf(name).index) + 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1, 2]")]
    [InlineData("not JSON at all")]
    public void A_config_that_is_no_JSON_object_is_refused(string text)
    {
        _folder.Write("config.json", text);
        Refused("config.json");
    }

    [Fact]
    public void A_folder_without_its_files_is_refused()
    {
        var nowhere = PathOf("nowhere");
        TinyModel.Says(Assert.Throws<CheckpointException>(() => LanguageModel.Load(nowhere)), nowhere, "config.json");
        File.Delete(PathOf("model.safetensors"));
        Refused("model.safetensors");
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        Rewrite(tensors => tensors.Remove("transformer.h.1.mlp.fc_in.bias"));
        Refused("model.safetensors", "'transformer.h.1.mlp.fc_in.bias'");
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named_with_both_shapes()
    {
        Rewrite(tensors => tensors["transformer.h.2.attn.q_proj.weight"] = zeros([48, 47]));
        Refused("'transformer.h.2.attn.q_proj.weight'", "expected shape [48, 48]", "got [48, 47]");
    }

    [Fact]
    public void Fields_that_contradict_the_tensors_are_refused()
    {
        Change(config => config["vocab_size"] = 62);
        Refused("'transformer.wte.weight'", "expected shape [62, 48]", "got [61, 48]");
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private void Refused(params string[] words) => TinyModel.Says(
        Assert.Throws<CheckpointException>(() => LanguageModel.Load(_folder.Path)), [_folder.Path, .. words]);

    private void Change(Action<JsonObject> change)
    {
        var config = JsonNode.Parse(File.ReadAllText(PathOf("config.json")))!.AsObject();
        change(config);
        _folder.Write("config.json", config.ToJsonString());
    }

    private void Rewrite(Action<Dictionary<string, Tensor>> change)
    {
        using var scope = NewDisposeScope();
        var file = SafetensorsFile.Open(PathOf("model.safetensors"));
        var tensors = file.Entries.Keys.ToDictionary(name => name, file.Read);
        change(tensors);
        SafetensorsWriter.Write(PathOf("model.safetensors"), [.. tensors.Select(pair => (pair.Key, pair.Value))]);
    }
}
