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

        if (options.Dtype == float16 && options.Device.type == DeviceType.CPU)
        {
            throw new ModelException(
                "dtype float16 on the cpu: expected a GPU, since libtorch multiplies no float16 matrices here; use bfloat16 or float32");
        }

        var config = ConfigReader.Open(folder);
        var family = config.Text("model_type");
        var load = s_loaders.GetValueOrDefault(family)
            ?? throw config.Wrong("model_type", $"one of {string.Join(", ", s_loaders.Keys)}", family);
        var weights = CheckpointFile.OpenFolder(folder);
        var read = new WeightOptions(options.Dtype, options.Device, options.AllowNonfinite);
        return load(config, new WeightReader(weights, read), options, folder);
    }
}
