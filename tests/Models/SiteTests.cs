using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>What every place of a block holds, in every family.</summary>
public class SiteTests
{
    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void What_attention_and_MLP_add_is_what_the_block_adds(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(name: name);
        var run = model.Forward(model.Tensor(model.RandomIds(9, seed: 1)), new() { Keep = model.EveryHook() });
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var (pre, attention, mlp) = (run[new(layer, Site.ResidPre)], run[new(layer, Site.AttnOut)], run[new(layer, Site.MlpOut)]);
            if (model.HasResidMid)
            {
                var middle = run[new(layer, Site.ResidMid)];
                Identical(pre + attention, middle, $"resid_mid.{layer}");
                Identical(middle + mlp, run[new(layer, Site.ResidPost)], $"resid_post.{layer}");
            }
            else
            {
                Identical(attention + mlp + pre, run[new(layer, Site.ResidPost)], $"resid_post.{layer}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void Heads_through_the_output_projection_are_what_the_attention_adds(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var run = model.Forward(model.Tensor(model.RandomIds(9, seed: 1)), new() { Keep = model.EveryHook() });
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var heads = run[new(layer, Site.HeadOut)]; // [1, head, position, head_dim]
            var sum = Bias(model, layer);
            for (var head = 0; head < model.Heads; head++)
            {
                sum += heads.select(1, head).matmul(Output(model, layer, head).t());
            }

            Close(run[new(layer, Site.AttnOut)], NormBehind(model, layer, sum), 1e-12, $"layer {layer}");
        }
    }

    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void A_row_of_the_pattern_is_a_softmax_and_sees_no_future_and_no_farther_back_than_its_window(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var run = model.Forward(model.Tensor(model.RandomIds(9, seed: 1)), new() { Keep = model.EveryHook() });
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var window = (model.Config as LlamaConfig)?.WindowOf(layer) ?? (model.Config as GemmaConfig)?.WindowOf(layer) ?? 9;
            var seen = ones([9, 9], ScalarType.Bool).tril().triu(1 - window);
            var (scores, pattern) = (run[new(layer, Site.Scores)], run[new(layer, Site.Pattern)]);
            Close(ones([1, model.Heads, 9], float64), pattern.sum(-1), 1e-14, "rows");
            Assert.Equal(0, pattern.masked_select(seen.logical_not()).abs().max().item<double>());
            Assert.True(pattern.masked_select(seen).min().item<double>() > 0);
            Assert.True(scores.masked_select(seen.logical_not()).isneginf().all().item<bool>());
            var powers = scores.exp();
            Close(powers / powers.sum(-1, keepdim: true), pattern, 1e-14, "softmax");
        }
    }

    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void After_a_cache_every_place_holds_the_rows_of_the_whole_run(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var ids = model.Tensor(model.RandomIds(9, seed: 1));
        var whole = model.Forward(ids, new() { Keep = model.EveryHook() });
        using var cache = new KeyValueCache();
        model.Forward(ids.narrow(1, 0, 5), new() { Cache = cache });
        using var branch = cache.Branch();
        foreach (var continued in new[] { branch, cache })
        {
            var rest = model.Forward(ids.narrow(1, 5, 4), new() { Cache = continued, Keep = model.EveryHook() });
            foreach (var hook in model.EveryHook())
            {
                Assert.Equal(model.ShapeOf(hook.Site, 1, 4, 9), rest[hook].shape);
                Close(Finite(whole[hook].narrow(-2, 5, 4)), Finite(rest[hook]), 1e-12, $"{hook}");
            }
        }

        static Tensor Finite(Tensor kept) => kept.masked_fill(kept.isneginf(), 0);
    }

    [Fact]
    public void A_model_without_a_residual_between_attention_and_MLP_refuses_it_by_name()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        var (hook, prompt) = (new Hook(1, Site.ResidMid), model.FromIds([1, 2]));
        Action[] asked =
        [
            () => model.Forward(prompt, new() { Keep = [hook] }),
            () => model.Forward(prompt, new() { Gradients = [hook] }),
            () => model.Forward(prompt, new() { Edits = [Edit.Scale(hook, 0)] }),
            () => SourceRun.Read(model, [prompt], ^1, TestContext.Current.CancellationToken, Site.ResidMid),
            () => new Patchscope(new(model, prompt, 1, ^1, Site.ResidMid), new(model, prompt, 1, ^1)).Run(),
            () => new Patchscope(new(model, prompt, 1, ^1), new(model, prompt, 1, ^1, Site.ResidMid)).Run(),
        ];
        Assert.All(asked, ask => Says(Assert.Throws<ModelException>(ask), "resid_mid", "gptj", "side by side"));
    }

    [Fact]
    public void A_path_between_blocks_refuses_what_is_within_one()
    {
        using var scope = NewDisposeScope();
        using var model = Open(name: "gpt2/without-prefix");
        var prompt = model.FromIds([1, 2]);
        foreach (var site in Enum.GetValues<Site>().Except([Site.ResidPre, Site.ResidPost]))
        {
            using var wavefront = new Wavefront(model, prompt, ^1);
            var patch = new LayerPatch(new(0, site), zeros([1, model.HiddenSize]));
            Says(Assert.Throws<PatchException>(() => wavefront.Run([patch], TestContext.Current.CancellationToken)), $"{site.Name()}.0", "expected resid_pre or resid_post");
            var grid = new Patchscope(new(model, prompt, 0, ^1), new(model, prompt, 0, ^1, site));
            Says(Record.Exception(() => PatchGrid.Run(grid, TestContext.Current.CancellationToken)), $"{site.Name()}.");
        }

        Says(Assert.Throws<PatchException>(() => SourceRun.Read(model, [prompt], ^1, TestContext.Current.CancellationToken, Site.Pattern)), "pattern");
        using var run = SourceRun.Read(model, [prompt], ^1, TestContext.Current.CancellationToken);
        Says(Assert.Throws<ModelException>(() => run.At(new(0, Site.AttnOut))), "attn_out.0");
        Says(Assert.Throws<ModelException>(() => run.Stack(Site.MlpOut)), "mlp_out.0");
    }

    [Fact]
    public void A_number_that_is_no_site_is_refused_everywhere()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        var (hook, prompt) = (new Hook(0, (Site)8), model.FromIds([1, 2]));
        using var run = SourceRun.Read(model, [prompt], ^1, TestContext.Current.CancellationToken);
        using var wavefront = new Wavefront(model, prompt, ^1);
        Action[] asked =
        [
            () => hook.ToString(),
            () => run.At(hook),
            () => model.ShapeOf(hook.Site, 1, 1, 1),
            () => model.Forward(prompt, new() { Keep = [hook] }),
            () => model.Forward(prompt, new() { Gradients = [hook] }),
            () => model.Forward(prompt, new() { Edits = [Edit.Scale(hook, 2)] }),
            () => SourceRun.Read(model, [prompt], ^1, TestContext.Current.CancellationToken, hook.Site),
            () => wavefront.Run([new(hook, zeros([1, 48]))], TestContext.Current.CancellationToken),
            () => new Patchscope(new(model, prompt, 0, ^1, hook.Site), new(model, prompt, 0, ^1)).Run(),
        ];
        Assert.All(asked, ask => Says(Assert.Throws<ModelException>(ask), "expected one of resid_pre, attn_out", "got number 8"));
    }

    [Fact]
    public void Prompts_are_taken_as_they_are()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        Prompt[] prompts = [model.FromIds([1, 2, 3]), model.FromIds([4])];
        Identical(model.Forward(prompts.ToTensor()).Logits, model.Forward(prompts).Logits, "two");
        Identical(model.Forward(prompts[0].ToTensor()).Logits, model.Forward(prompts[0]).Logits, "one");
    }

    /// <summary>The columns of the output projection that read a head, <c>[hidden, head_dim]</c>.</summary>
    internal static Tensor Output(LanguageModel model, int layer, int head)
    {
        var weight = model.Architecture switch
        {
            "gptj" => model.Weights[$"transformer.h.{layer}.attn.out_proj.weight"],
            "gpt2" => model.Weights[$"h.{layer}.attn.c_proj.weight"].t(),
            "llama" or "mistral" or "qwen2" or "qwen3" or "gemma2" or "gemma3_text" => model.Weights[$"model.layers.{layer}.self_attn.o_proj.weight"],
            "gpt_neox" => model.Weights[$"gpt_neox.layers.{layer}.attention.dense.weight"],
            var other => throw new ArgumentException(other),
        };
        var size = weight.size(1) / model.Heads;
        return weight.narrow(1, head * size, size);
    }

    // Gemma's; of others the projection is what is added.
    private static Tensor NormBehind(LanguageModel model, int layer, Tensor sum) => model.Config is GemmaConfig config
        ? sum / (sum.square().mean([-1], keepdim: true) + config.RmsNormEps).sqrt()
            * (1 + model.Weights[$"model.layers.{layer}.post_attention_layernorm.weight"])
        : sum;

    private static Tensor Bias(LanguageModel model, int layer) =>
        model.Weights.TryGetValue($"h.{layer}.attn.c_proj.bias", out var bias)
        || model.Weights.TryGetValue($"model.layers.{layer}.self_attn.o_proj.bias", out bias)
        || model.Weights.TryGetValue($"gpt_neox.layers.{layer}.attention.dense.bias", out bias)
            ? bias
            : zeros([model.HiddenSize], float64);
}
