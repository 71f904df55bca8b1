namespace Logitscope;

/// <summary>The model families. A new one costs its file and a line here.</summary>
internal static class Families
{
    private const int Named = 3;

    private static readonly Dictionary<string, Family> s_families = new()
    {
        ["gptj"] = Of(GptJConfig.Read, (sizes, weights, options) => new GptJ(sizes, weights, options), ".attn.bias", ".attn.masked_bias"),
        ["gpt2"] = Of(Gpt2Config.Read, (sizes, weights, options) => new Gpt2(sizes, weights, options), ".attn.bias", ".attn.masked_bias"),
        ["llama"] = OfLlama(LlamaConfig.Read),
        ["mistral"] = OfLlama(LlamaConfig.ReadMistral),
        ["qwen2"] = OfLlama(LlamaConfig.ReadQwen2),
        ["qwen3"] = OfLlama(LlamaConfig.ReadQwen3),
        ["gemma2"] = OfGemma(GemmaConfig.ReadGemma2),
        ["gemma3_text"] = OfGemma(GemmaConfig.ReadGemma3),
        ["gpt_neox"] = Of(
            GptNeoXConfig.Read,
            (sizes, weights, options) => new GptNeoX(sizes, weights, options),
            ".attention.bias",
            ".attention.masked_bias",
            "rotary_emb.inv_freq"),
    };

    /// <summary>Brings a model whose sizes are known into memory.</summary>
    internal delegate LanguageModel Loader(WeightReader weights, ModelOptions options);

    // Loads the model of a folder by its model_type. What is missing, does not fit or is left over is told before a number is
    // read.
    public static LanguageModel Load(string folder, ModelOptions options)
    {
        using var scope = NewDisposeScope();
        if (options.Device.type == DeviceType.CUDA)
        {
            CheckGpu(options.Device, cuda.device_count());
        }

        var config = ConfigReader.Open(folder);
        var (_, load) = ReadConfig(config);
        var checkpoint = CheckpointFile.OpenFolder(folder);
        var unread = Unread(checkpoint, config.Text("model_type"), load, options);
        if (unread.Count > 0 && !options.AllowUnread)
        {
            var rest = unread.Count > Named ? $" and {unread.Count - Named} more" : "";
            throw new CheckpointException(
                $"{checkpoint.Path}: expected only tensors that a {config.Text("model_type")} model of this configuration reads, "
                + $"got {unread.Count} that nothing reads: '{string.Join("', '", unread.Take(Named))}'{rest}");
        }

        var read = new WeightOptions(options.Dtype, options.Device, options.AllowNonfinite);
        var model = load(new WeightReader(checkpoint, read), options);
        (model.Folder, model.UnreadTensors) = (folder, unread);
        return model;
    }

    /// <summary>Reads and checks a configuration by its <c>model_type</c>.</summary>
    internal static (object Sizes, Loader Load) ReadConfig(ConfigReader config)
    {
        var name = config.Text("model_type");
        var family = s_families.GetValueOrDefault(name)
            ?? throw config.Wrong("model_type", $"one of {string.Join(", ", s_families.Keys)}", name);
        config.RequireUnquantised();
        config.RequireFlag("is_causal", true);
        config.RequireFlag("add_cross_attention", false);
        config.RequireFlag("is_encoder_decoder", false);
        var read = family.Read(config);
        if (!config.HasAsked("layer_types"))
        {
            config.RequireEach("layer_types", _ => "full_attention");
        }

        config.RequireNothingElse();
        return read;
    }

    /// <summary>Whether there is a family of that <c>model_type</c>; one that is not told may be any.</summary>
    internal static bool Has(string? architecture) => architecture is null || s_families.ContainsKey(architecture);

    /// <summary>Whether a stored tensor is a constant that a model of the family computes for itself, and no weight.</summary>
    internal static bool IsBuffer(string? architecture, string name) =>
        s_families.Where(family => architecture is null || family.Key == architecture)
            .SelectMany(family => family.Value.Buffers)
            .Any(ending => name.EndsWith(ending, StringComparison.Ordinal));

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

    // The model is put together once without its numbers, and what it does not ask for is left over.
    private static IReadOnlyList<string> Unread(Checkpoint checkpoint, string architecture, Loader load, ModelOptions options)
    {
        var names = new WeightReader(new Shapes(checkpoint), options.Dtype, CPU);
        load(names, options with { Device = CPU }).Dispose();
        return [.. checkpoint.Entries.Keys.Where(name => !names.Asked.Contains(name) && !IsBuffer(architecture, name))];
    }

    private static Family OfGemma(Func<ConfigReader, GemmaConfig> read) =>
        Of(read, (sizes, weights, options) => new Gemma(sizes, weights, options), "rotary_emb.inv_freq");

    private static Family OfLlama(Func<ConfigReader, LlamaConfig> read) =>
        Of(read, (sizes, weights, options) => new Llama(sizes, weights, options), "rotary_emb.inv_freq");

    private static Family Of<TSizes>(
        Func<ConfigReader, TSizes> read, Func<TSizes, WeightReader, ModelOptions, LanguageModel> load, params string[] buffers)
        where TSizes : notnull =>
        new(
            config =>
            {
                var sizes = read(config);
                return (sizes, (weights, options) => load(sizes, weights, options));
            },
            buffers);

    /// <summary>How to read a configuration, and the endings of what old files carry and HuggingFace ignores too.</summary>
    private sealed record Family(Func<ConfigReader, (object Sizes, Loader Load)> Read, IReadOnlyList<string> Buffers);

    /// <summary>A checkpoint whose names, shapes and types are checked, and whose numbers are all zero and take no memory.</summary>
    private sealed class Shapes(Checkpoint checkpoint) : IWeightSource
    {
        public bool Has(string name) => checkpoint.Has(name);

        public Tensor Read(string name, IReadOnlyList<long> shape, WeightOptions options)
        {
            checkpoint.Check(name, shape);
            using var zero = zeros([1], options.Type, options.Device);
            return zero.expand([.. shape]);
        }
    }
}
