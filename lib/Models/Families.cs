using Logitscope.Checkpoints;

namespace Logitscope.Models;

/// <summary>The model families. A new one costs its file and a line here.</summary>
internal static class Families
{
    /// <summary>Brings a model whose sizes are known into memory.</summary>
    internal delegate LanguageModel Loader(WeightReader weights, ModelOptions options, string folder);

    private static readonly Dictionary<string, Func<ConfigReader, Loader>> s_families = new()
    {
        ["gptj"] = Family(GptJConfig.Read, (sizes, weights, options, folder) => new GptJ(sizes, weights, options) { Folder = folder }),
        ["gpt2"] = Family(Gpt2Config.Read, (sizes, weights, options, folder) => new Gpt2(sizes, weights, options) { Folder = folder }),
        ["llama"] = Family(LlamaConfig.Read, (sizes, weights, options, folder) => new Llama(sizes, weights, options) { Folder = folder }),
        ["gpt_neox"] = Family(
            GptNeoXConfig.Read, (sizes, weights, options, folder) => new GptNeoX(sizes, weights, options) { Folder = folder }),
    };

    /// <summary>Loads the model of a folder by its <c>model_type</c>.</summary>
    public static LanguageModel Load(string folder, ModelOptions options)
    {
        using var scope = NewDisposeScope();
        if (options.Device.type == DeviceType.CUDA)
        {
            CheckGpu(options.Device, cuda.device_count());
        }

        if (options.Dtype == float16 && options.Device.type == DeviceType.CPU)
        {
            throw new ModelException(
                "dtype float16 on the cpu: expected a GPU, since libtorch 1.13 multiplies no float16 matrices there; use bfloat16 or float32");
        }

        var load = ReadConfig(ConfigReader.Open(folder));
        var read = new WeightOptions(options.Dtype, options.Device, options.AllowNonfinite);
        return load(new WeightReader(CheckpointFile.OpenFolder(folder), read), options, folder);
    }

    /// <summary>Reads and checks a configuration by its <c>model_type</c>.</summary>
    internal static Loader ReadConfig(ConfigReader config)
    {
        var name = config.Text("model_type");
        var family = s_families.GetValueOrDefault(name)
            ?? throw config.Wrong("model_type", $"one of {string.Join(", ", s_families.Keys)}", name);
        return family(config);
    }

    /// <summary>Refuses a GPU that is not among so many.</summary>
    internal static void CheckGpu(Device device, int gpus)
    {
        if (Math.Max(0, device.index) >= gpus)
        {
            throw new ModelException(gpus == 0
                ? $"device {device}: expected cpu, since this libtorch {TorchRuntime.Version} sees no GPU; LIBTORCH chooses another"
                : $"device {device}: expected cuda:N with N below {gpus}, the number of GPUs that libtorch {TorchRuntime.Version} sees");
        }
    }

    private static Func<ConfigReader, Loader> Family<TSizes>(
        Func<ConfigReader, TSizes> read, Func<TSizes, WeightReader, ModelOptions, string, LanguageModel> load) =>
        config =>
        {
            var sizes = read(config);
            return (weights, options, folder) => load(sizes, weights, options, folder);
        };
}
