using System.Text.Json;

namespace Logitscope.Tests.Setup;

/// <summary>
/// The dev containers keep the rules of the specification's schema for a container from an image: only properties that it
/// has, each of its type. (Both were valid against the schema itself in November 2026.)
/// </summary>
public class DevContainerTests
{
    private static readonly Dictionary<string, Func<JsonElement, bool>> s_properties = new()
    {
        ["name"] = IsText,
        ["image"] = IsText,
        ["runArgs"] = value => value.EnumerateArray().All(IsText),
        ["containerEnv"] = value => value.EnumerateObject().All(variable => IsText(variable.Value)),
        ["postCreateCommand"] = IsText,
        ["customizations"] = value => value.ValueKind == JsonValueKind.Object,
        ["hostRequirements"] = value => value.EnumerateObject().All(need => need.Name switch
        {
            "cpus" => need.Value.GetInt32() > 0,
            "memory" => System.Text.RegularExpressions.Regex.IsMatch(need.Value.GetString()!, @"^\d+([tgmk]b)?$"),
            "gpu" => need.Value.ValueKind is JsonValueKind.True,
            _ => false,
        }),
    };

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Repository.File(".devcontainer"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.File(".devcontainer"), path))];

    [Theory]
    [MemberData(nameof(Files))]
    public void It_is_valid_and_its_set_up_is_ours(string file)
    {
        var container = Read(file);
        Assert.All(container.EnumerateObject(), property =>
            Assert.True(s_properties.TryGetValue(property.Name, out var isValid) && isValid(property.Value), property.Name));
        Assert.EndsWith("dotnet/sdk:10.0-noble", container.GetProperty("image").GetString(), StringComparison.Ordinal);
        var script = container.GetProperty("postCreateCommand").GetString()!.Split(' ')[0];
        Assert.True(File.Exists(Repository.File(script)), script);
    }

    [Fact]
    public void The_variant_with_CUDA_asks_for_a_GPU_and_the_package_that_uses_it()
    {
        var container = Read("cuda/devcontainer.json");
        Assert.Equal("cuda-linux", container.GetProperty("containerEnv").GetProperty("TorchFlavor").GetString());
        Assert.Equal(["--gpus", "all"], container.GetProperty("runArgs").EnumerateArray().Select(word => word.GetString()!));
        Assert.False(Read("devcontainer.json").GetProperty("containerEnv").TryGetProperty("TorchFlavor", out _));
    }

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String;

    private static JsonElement Read(string file) =>
        JsonDocument.Parse(File.ReadAllText(Repository.File(".devcontainer", file))).RootElement;
}
