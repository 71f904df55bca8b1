using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Golden;

/// <summary>Every family against HuggingFace's own implementation; huggingface.py wrote its numbers.</summary>
public class HuggingFaceTests
{
    private const double MostRounding = 1.25; // of HuggingFace's own

    public static TheoryData<string> Names() => [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void In_float32_logits_and_residuals_are_HuggingFaces(string name)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenModel.Open(name, "float32");
        var theirs = Theirs(name);
        foreach (var (what, got) in Run(golden))
        {
            golden.Agrees(got, theirs.Read($"float32.{what}"), what);
        }
    }

    /// <summary>
    /// In bfloat16 two right programs differ, so both are held against float64: the product must be as near to it as
    /// HuggingFace is, and no farther from HuggingFace than two roundings of one number are from each other.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void In_bfloat16_the_rounding_is_no_worse_than_HuggingFaces(string name)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenModel.Open(name, "bfloat16");
        var theirs = Theirs(name);
        foreach (var (what, got) in Run(golden))
        {
            var truth = golden.Expected.Read($"float64.{what}");
            var their = theirs.Read($"bfloat16.{what}");
            var rounding = Distance(their, truth);
            IsNear(truth, "float64");
            IsNear(their, "HuggingFace");

            void IsNear(Tensor expected, string whose) => Assert.True(
                Distance(got, expected) <= MostRounding * rounding,
                $"{name} {what}: {Distance(got, expected):E2} from {whose}, where HuggingFace rounds by {rounding:E2}");
        }
    }

    private static SafetensorsFile Theirs(string name) =>
        SafetensorsFile.Open(Path.Combine(GoldenModel.FolderOf(name), "huggingface.safetensors"));

    private static IEnumerable<(string What, Tensor Value)> Run(GoldenModel golden)
    {
        var hooks = Enumerable.Range(0, golden.Model.Layers).Select(layer => new Hook(layer, Site.ResidPost)).ToArray();
        var ids = golden.Expected.Read("ids").unsqueeze(0);
        var run = golden.Model.Forward(ids, new() { Keep = hooks });
        return
        [
            .. hooks.Select(hook => ($"{hook}", run.Residuals[hook].squeeze(0))),
            ("logits", run.Logits.squeeze(0)),
        ];
    }

    /// <summary>The root of the mean square of the differences.</summary>
    private static double Distance(Tensor one, Tensor other)
    {
        var difference = one.to(float64) - other.to(float64);
        return Math.Sqrt((difference * difference).mean().ToDouble());
    }
}
