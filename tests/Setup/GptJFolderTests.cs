using System.Diagnostics;
using Logitscope.Tests.Models;
using TorchSharp;

namespace Logitscope.Tests.Setup;

/// <summary>The folder that eng/gptj6b.sh writes, a small one.</summary>
[Trait("Tier", "slow")]
public sealed class GptJFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_small_one_loads_runs_and_stays_within_its_memory()
    {
        var folder = _folder.PathOf("small");
        Assert.Equal(0, Run(Repository.File("eng", "gptj6b.sh"), folder, "--layers", "2", "--width", "512"));

        using (var scope = torch.NewDisposeScope())
        using (var model = LanguageModel.Load(folder, new() { Dtype = torch.bfloat16 }))
        {
            Assert.Equal((2, 512, 50400), (model.Layers, model.HiddenSize, model.VocabularySize));
            var weights = model.Weights;
            Assert.False(Bytes("transformer.h.0.attn.q_proj.weight").SequenceEqual(Bytes("transformer.h.1.attn.q_proj.weight")));
            Assert.True(model.Forward(model.Tensor(50256, 1, 2)).Logits.isfinite().all().ToInt64() == 1);

            ReadOnlySpan<byte> Bytes(string name) => weights[name].bytes;
        }

        Assert.Equal(0, Run("dotnet", Repository.File("artifacts", "bench", "logitscope-bench.dll"), "whole", folder, "--tokens", "8"));
    }

    [Fact]
    public void Without_a_folder_it_says_how_it_is_used() => Assert.Equal(1, Run(Repository.File("eng", "gptj6b.sh")));

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
