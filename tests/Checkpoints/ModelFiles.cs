using System.Text.Json.Nodes;
using Logitscope.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Checkpoints;

/// <summary>A fixture's folder with other fields or tensors, in any format.</summary>
internal static class ModelFiles
{
    /// <summary>The formats that a folder can have.</summary>
    public static string[] Formats { get; } = ["safetensors", "bin", "sharded-safetensors", "sharded-bin"];

    /// <summary>A fixture of each family.</summary>
    public static string[] Fixtures { get; } = ["gptj/partial-rotary", "gpt2/with-prefix", "gpt2/without-prefix", "llama/grouped", "gpt_neox/parallel"];

    /// <summary>Each fixture in each format.</summary>
    public static TheoryData<string, string> All() =>
        [.. Fixtures.SelectMany(fixture => Formats.Select(format => (fixture, format)))];

    /// <summary>The configuration and the tensors of a fixture; what is put into a folder may be changed before.</summary>
    public static (JsonObject Config, Dictionary<string, Tensor> Tensors) Of(string fixture)
    {
        var folder = GoldenModel.FolderOf(fixture);
        var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        return (config, file.Entries.Keys.ToDictionary(name => name, file.Read));
    }

    /// <summary>Writes a folder.</summary>
    public static void Write(
        this TemporaryFolder folder, JsonObject config, IReadOnlyDictionary<string, Tensor> tensors, string format = "safetensors")
    {
        folder.Write("config.json", config.ToJsonString());
        var bin = format.EndsWith("bin", StringComparison.Ordinal);
        var (stem, ending) = bin ? ("pytorch_model", "bin") : ("model", "safetensors");
        if (!format.StartsWith("sharded", StringComparison.Ordinal))
        {
            WriteOne(folder.PathOf($"{stem}.{ending}"), tensors);
            return;
        }

        var map = new JsonObject();
        foreach (var (number, names) in tensors.Keys.Chunk((tensors.Count + 1) / 2).Index())
        {
            var shard = $"{stem}-{number + 1}-of-2.{ending}";
            WriteOne(folder.PathOf(shard), names.ToDictionary(name => name, name => tensors[name]));
            foreach (var name in names)
            {
                map[name] = shard;
            }
        }

        folder.Write($"{stem}.{ending}.index.json", new JsonObject { ["weight_map"] = map }.ToJsonString());

        void WriteOne(string path, IReadOnlyDictionary<string, Tensor> some)
        {
            if (bin)
            {
                File.WriteAllBytes(path, Bin(some));
            }
            else
            {
                SafetensorsWriter.Write(path, [.. some.Select(pair => (pair.Key, pair.Value))]);
            }
        }
    }

    /// <summary>What torch.save writes of tensors.</summary>
    public static byte[] Bin(IReadOnlyDictionary<string, Tensor> tensors)
    {
        List<(string, byte[])> items = [], files = [];
        foreach (var (number, (name, tensor)) in tensors.Index())
        {
            long[] strides = [.. tensor.shape.Index().Select(size => tensor.shape[(size.Index + 1)..].Aggregate(1L, (a, b) => a * b))];
            items.Add((name, RawPyTorch.Tensor(StorageOf(tensor.dtype), $"{number}", tensor.NumberOfElements, 0, tensor.shape, strides)));
            files.Add(($"r/data/{number}", tensor.contiguous().bytes.ToArray()));
        }

        return RawPyTorch.Zip([("r/data.pkl", RawPyTorch.StateDict([.. items])), .. files]);
    }

    private static string StorageOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => "FloatStorage",
        ScalarType.Int8 => "CharStorage",
        ScalarType.Byte => "ByteStorage",
        ScalarType.Int32 => "IntStorage",
        ScalarType.Bool => "BoolStorage",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no test writes it"),
    };
}
