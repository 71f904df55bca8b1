using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Golden;

/// <summary>Every family against its independent implementation in gptj.py, gpt2.py, llama.py and neox.py.</summary>
public class FamilyTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var name in GoldenModel.Names)
        {
            cases.Add(name, "float32");
            cases.Add(name, "float64");
        }

        return cases;
    }

    public static TheoryData<string> Names() => [.. GoldenModel.Names];

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

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_site_within_a_block_agrees_with_the_oracle(string name, string dtype)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenModel.Open(name, dtype);
        Hook[] hooks = [.. golden.Model.EveryHook().Where(hook => hook.Site is not (Site.ResidPre or Site.ResidPost or Site.Scores))];
        var run = golden.Model.Forward(golden.Expected.Read("ids").unsqueeze(0), new() { Keep = hooks });
        Assert.Equal(hooks.Length, golden.Sites.Entries.Keys.Count(key => !key.StartsWith("gradient", StringComparison.Ordinal)));
        foreach (var hook in hooks)
        {
            var got = hook.Site == Site.HeadOut ? run[hook].squeeze(0).transpose(0, 1) : run[hook].squeeze(0);
            golden.Agrees(got, golden.Sites.Read($"{hook}"), $"{hook}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_of_a_logit_difference_agrees_with_the_oracles_autograd(string name, string dtype)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenModel.Open(name, dtype);
        Hook[] hooks = [new(0, Site.ResidPre), .. Enumerable.Range(0, golden.Model.Layers).Select(layer => new Hook(layer, Site.ResidPost))];
        var run = golden.Model.Forward(golden.Expected.Read("ids").unsqueeze(0), new() { Gradients = hooks });
        var gradient = run.Gradient(run.Logits[0, -1, 0] - run.Logits[0, -1, 1]);
        Assert.All(hooks, hook => golden.Agrees(gradient[hook].squeeze(0), golden.Sites.Read($"gradient.{hook}"), $"{hook}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Patched_runs_agree_with_the_oracle(string name)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenModel.Open(name, "float64");
        var patches = golden.Read<GoldenPatch[]>("patches.json");
        Assert.Contains(patches, patch => patch.Edits.Length > 1);
        foreach (var (number, patch) in patches.Index())
        {
            var edits = golden.Edits(patch.SourceIds, patch.Edits);
            var patched = golden.Model.Forward(golden.Model.FromIds(patch.TargetIds).ToTensor(), new() { Edits = edits });
            var expected = golden.Expected.Read($"patched.{number}.logits");
            golden.Agrees(patched.Logits.squeeze(0), expected, $"patch {number}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_patchscope_gives_the_distribution_of_the_oracles_patched_run(string name)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenModel.Open(name, "float64");
        var model = golden.Model;
        foreach (var (number, patch) in golden.Read<GoldenPatch[]>("patches.json").Index())
        {
            if (patch.Edits is not [var edit])
            {
                continue;
            }

            var (source, target) = (model.FromIds(patch.SourceIds), model.FromIds(patch.TargetIds));
            var result = new Patchscope(
                new(model, source, edit.SourceLayer, edit.SourcePosition, edit.Source.Site),
                new(model, target, edit.TargetLayer, edit.TargetPosition, edit.Target.Site)).Run();
            var last = golden.Expected.Read($"patched.{number}.logits").select(0, target.Count - 1);
            var expected = nn.functional.log_softmax(last, 0);
            golden.Agrees(tensor([.. result.Next.LogProbabilities]), expected, $"patchscope {number}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Cached_greedy_text_is_the_oracles_uncached_one_plain_and_patched(string name, string dtype)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenModel.Open(name, dtype);
        var generations = golden.Read<GoldenGeneration[]>("generations.json");
        Assert.Equal([0, 1], generations.Select(generation => generation.Edits.Length));
        foreach (var generation in generations)
        {
            var edits = golden.Edits(generation.SourceIds, generation.Edits);
            var options = new GenerationOptions { MaxNewTokens = generation.GeneratedIds.Length };
            Assert.Equal(generation.GeneratedIds, golden.Model.Generate(generation.PromptIds, options with { Edits = edits }));
        }
    }
}
