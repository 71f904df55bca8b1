using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Golden;

/// <summary>A model of a family's script and the numbers that it must give.</summary>
/// <param name="Name">Its folder in tests/Golden: the family and its own name.</param>
/// <param name="Model">The product's model, loaded from it.</param>
/// <param name="Expected">The oracle's tensors.</param>
internal sealed record GoldenModel(string Name, LanguageModel Model, SafetensorsFile Expected)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The names of all fixtures.</summary>
    public static IEnumerable<string> Names { get; } =
    [
        .. new DirectoryInfo(FolderOf("")).EnumerateFiles("config.json", SearchOption.AllDirectories)
            .Select(config => Path.GetRelativePath(FolderOf(""), config.DirectoryName!)).Order(),
    ];

    /// <summary>The folder of a name such as <c>gptj/long</c>.</summary>
    public static string FolderOf(string name) => Repository.File("tests", "Golden", name);

    public static GoldenModel Open(string name, string dtype)
    {
        var options = new ModelOptions { Dtype = ModelOptions.ElementTypes[dtype] };
        return new GoldenModel(
            name,
            LanguageModel.Load(FolderOf(name), options),
            SafetensorsFile.Open(Path.Combine(FolderOf(name), "expected.safetensors")));
    }

    /// <summary>The oracle's numbers within the blocks, and its gradients.</summary>
    public SafetensorsFile Sites => SafetensorsFile.Open(Path.Combine(FolderOf(Name), "sites.safetensors"));

    /// <summary>One of the oracle's JSON files.</summary>
    public T Read<T>(string file) =>
        JsonSerializer.Deserialize<T>(File.ReadAllText(Path.Combine(FolderOf(Name), file)), s_json)!;

    /// <summary>The edits, with the vectors that the product's own source run has.</summary>
    public IReadOnlyList<Edit> Edits(int[] sourceIds, GoldenEdit[] edits)
    {
        if (edits.Length == 0)
        {
            return [];
        }

        var source = Model.Forward(
            Model.FromIds(sourceIds).ToTensor(), new() { Keep = [.. edits.Select(edit => edit.Source)] });
        return
        [
            .. edits.Select(edit => new Edit(
                edit.Target,
                edit.TargetPosition,
                source.Residuals[edit.Source].select(1, edit.SourcePosition).squeeze(0))),
        ];
    }

    /// <summary>The largest difference, over the largest value expected, is what the element type allows.</summary>
    public void Agrees(Tensor got, Tensor expected, string what)
    {
        Assert.Equal(expected.shape, got.shape);
        var scale = expected.abs().max().ToDouble();
        var error = (got.to(float64) - expected.to(float64)).abs().max().ToDouble() / scale;
        var allowed = Model.Dtype == float64 ? 1e-9 : 1e-4;
        Assert.True(error <= allowed, $"{Name} {Model.Dtype} {what}: expected an error <= {allowed}, got {error:E2}");
    }
}
