namespace Logitscope.Cli.Hub;

/// <summary>Which files of a repository a load needs: the configuration, the tokenizer, and the weights in one format.</summary>
internal static class FileChoice
{
    private const string Config = "config.json";
    private const string IndexEnding = ".index.json";

    private static readonly string[] s_small =
    [
        Config, "generation_config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.json",
        "merges.txt", "special_tokens_map.json", "added_tokens.json",
    ];

    /// <summary>In order of preference: safetensors can be mapped, and holds nothing but numbers.</summary>
    private static readonly string[] s_weights =
    [
        "model.safetensors", "model.safetensors" + IndexEnding, "pytorch_model.bin", "pytorch_model.bin" + IndexEnding,
    ];

    /// <summary>The files beside the weights, and the weights' file or the index of its shards, which is last.</summary>
    public static IReadOnlyList<string> Of(string id, IReadOnlySet<string> names)
    {
        if (!names.Contains(Config))
        {
            throw new HubException($"{id}: expected a model's repository, got one without {Config}");
        }

        return s_weights.FirstOrDefault(names.Contains) is { } weights
            ? [.. s_small.Where(names.Contains), weights]
            : throw new HubException($"{id}: expected weights as {string.Join(" or ", s_weights)}, got none of them");
    }

    /// <summary>Whether the weights are in shards, which a file like this names.</summary>
    public static bool IsIndex(string name) => name.EndsWith(IndexEnding, StringComparison.Ordinal);

    /// <summary>The shards that an index names.</summary>
    public static IReadOnlyList<string> Shards(string id, string index, byte[] json, IReadOnlySet<string> names)
    {
        var shards = HubJson.Parse(
            $"{id}: {index}",
            json,
            root => root.GetProperty("weight_map").EnumerateObject()
                .Select(weight => weight.Value.GetString() ?? string.Empty).Distinct().Order(StringComparer.Ordinal).ToArray());
        var ending = Path.GetExtension(index[..^IndexEnding.Length]);
        return shards.FirstOrDefault(name => !names.Contains(name) || Path.GetExtension(name) != ending) is { } stranger
            ? throw new HubException($"{id}: {index}: expected {ending} files of the repository, got '{stranger}'")
            : shards;
    }
}
