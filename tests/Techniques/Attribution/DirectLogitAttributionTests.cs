using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.Attribution;

public class DirectLogitAttributionTests
{
    public static TheoryData<string> Forms() => [.. OfEachForm().Select(row => row.Data).Where(IsAdditive)];

    public static TheoryData<string> Families() => [.. OfEachFamily().Select(row => row.Data).Where(IsAdditive)];

    [Theory]
    [MemberData(nameof(Forms))]
    public void The_parts_add_up_to_the_logit(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var prompt = model.FromIds(model.RandomIds(7, seed: 2));
        var logits = model.Forward(prompt).Logits;
        foreach (var (token, against, position) in new (int, int?, Index)[] { (3, null, ^1), (5, 9, ^1), (0, null, 2), (model.VocabularySize - 1, 0, 0) })
        {
            var place = position.GetOffset(prompt.Count);
            var expected = logits[0, place, token].item<double>() - (against is { } other ? logits[0, place, other].item<double>() : 0);
            var parts = model.AttributeLogit(prompt, token, against, position);
            Assert.Equal(expected, parts.Logit, 1e-12);
            Assert.Equal(expected, parts.Parts.Sum(part => part.Logit), 1e-10);
            Assert.Equal(2 + (model.Layers * (2 + model.Heads)), parts.Parts.Count);
        }
    }

    // An MLP's part is what the logit loses without it, where the norm's scale stays: by hand, from the residual less what it wrote.
    [Theory]
    [MemberData(nameof(Families))]
    public void A_part_is_what_the_logit_loses_without_it_at_the_same_scale(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var prompt = model.FromIds(model.RandomIds(6, seed: 4));
        Hook top = new(model.Layers - 1, Site.ResidPost), mlp = new(1, Site.MlpOut), heads = new(0, Site.HeadOut), attention = new(0, Site.AttnOut);
        var run = model.Forward(prompt, new() { Keep = [top, mlp, attention] });
        var parts = model.AttributeLogit(prompt, 3);
        var h = run[top][0, ^1];
        Assert.Equal(Loss(run[mlp][0, ^1]), parts.Parts.Single(part => part.Name == "L1 MLP").Logit, 1e-10);

        // What head 1 of block 0 adds there: the attention's output, less that without the head.
        var without = model.Forward(prompt, new() { Keep = [attention], Edits = [Edit.Scale(heads, 0) with { Heads = [1] }] });
        Assert.Equal(Loss(run[attention][0, ^1] - without[attention][0, ^1]), parts.Parts.Single(part => part.Name == "L0H1").Logit, 1e-10);

        // W_U gamma (c - mean c) / sqrt(var h + eps), or without the means.
        double Loss(Tensor component)
        {
            var rms = model.Config as LlamaConfig;
            var centred = rms is not null ? component : component - component.mean();
            var whole = rms is not null ? h : h - h.mean();
            var scale = (whole.square().mean() + (rms?.RmsNormEps ?? (model.Architecture == "gpt2" ? 1e-3 : 1e-5))).sqrt();
            var gamma = model.Weights.Single(weight => weight.Key is "transformer.ln_f.weight" or "ln_f.weight" or "model.norm.weight" or "gpt_neox.final_layer_norm.weight").Value;
            var normal = gamma * centred / scale;
            return (model.Head(normal) - model.Head(zeros_like(normal)))[3].item<double>();
        }
    }

    // A norm behind the attention, or a cap on the logits, and a sum of parts is none.
    [Theory]
    [InlineData("gemma2/capped")]
    [InlineData("gemma3_text/two-ropes")]
    public void A_model_whose_parts_do_not_add_up_is_refused(string name)
    {
        using var model = Open(name: name);
        Says(Assert.Throws<ModelException>(() => model.AttributeLogit(model.FromIds([1, 2]), 3)), "of which they add up", "gemma", "capped");
    }

    private static bool IsAdditive(string name) => !name.StartsWith("gemma", StringComparison.Ordinal);

    [Fact]
    public void A_token_or_a_position_that_is_none_is_refused()
    {
        using var model = Open();
        var prompt = model.FromIds([1, 2]);
        Says(Assert.Throws<ModelException>(() => model.AttributeLogit(prompt, 61)), "0 to 60", "61");
        Says(Assert.Throws<ModelException>(() => model.AttributeLogit(prompt, 1, against: -1)), "-1");
        Says(Assert.Throws<Logitscope.PositionException>(() => model.AttributeLogit(prompt, 1, position: 2)), "got 2");
    }
}
