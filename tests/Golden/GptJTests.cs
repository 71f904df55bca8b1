using Logitscope.Checkpoints;
using Logitscope.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Golden;

/// <summary>Against the independent implementation in gptj.py.</summary>
public class GptJTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var folder in Directory.EnumerateDirectories(Repository.File("tests", "Golden", "gptj")).Order())
        {
            cases.Add(Path.GetFileName(folder), "float32");
            cases.Add(Path.GetFileName(folder), "float64");
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Logits_and_every_residual_agree_with_the_oracle(string name, string dtype)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenModel.Open(name, dtype);
        var hooks = Enumerable.Range(0, golden.Model.Layers)
            .SelectMany(layer => new[] { new Hook(layer, Site.ResidPre), new Hook(layer, Site.ResidPost) })
            .ToArray();
        var result = golden.Model.Forward(golden.Expected.Read("ids").unsqueeze(0), new() { Keep = hooks });
        golden.Agrees(result.Logits.squeeze(0), golden.Expected.Read($"{dtype}.logits"), "logits");
        foreach (var hook in hooks)
        {
            golden.Agrees(result.Residuals[hook].squeeze(0), golden.Expected.Read($"{dtype}.{hook}"), $"{hook}");
        }
    }
}
