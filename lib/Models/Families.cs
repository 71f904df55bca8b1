using Logitscope.Checkpoints;

namespace Logitscope.Models;

/// <summary>The model families. A new one costs its file and a line here.</summary>
internal static class Families
{
    private static readonly Dictionary<string, Func<ConfigReader, WeightReader, ModelOptions, string, LanguageModel>>
        s_loaders = new()
        {
            ["gptj"] = (config, weights, options, folder) =>
                new GptJ(GptJConfig.Read(config), weights, options) { Folder = folder },
            ["gpt2"] = (config, weights, options, folder) =>
                new Gpt2(Gpt2Config.Read(config), weights, options) { Folder = folder },
            ["llama"] = (config, weights, options, folder) =>
                new Llama(LlamaConfig.Read(config), weights, options) { Folder = folder },
            ["gpt_neox"] = (config, weights, options, folder) =>
                new GptNeoX(GptNeoXConfig.Read(config), weights, options) { Folder = folder },
        };

    /// <summary>Loads the model of a folder by its <c>model_type</c>.</summary>
    public static LanguageModel Load(string folder, ModelOptions options)
    {
        using var scope = NewDisposeScope();
        if (options.Device.type == DeviceType.CUDA && !cuda.is_available())
        {
            throw new ModelException(
                $"device {options.Device}: expected cpu, since this libtorch {__version__} sees no GPU; LIBTORCH chooses another");
        }

        var config = ConfigReader.Open(folder);
        var family = config.Text("model_type");
        var load = s_loaders.GetValueOrDefault(family)
            ?? throw config.Wrong("model_type", $"one of {string.Join(", ", s_loaders.Keys)}", family);
        var weights = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        return load(config, new WeightReader(weights, options.Dtype, options.Device), options, folder);
    }
}
