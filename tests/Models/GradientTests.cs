using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

public class GradientTests
{
    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void Every_place_has_the_gradient_of_finite_differences_from_one_backward_pass(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var ids = new[] { 1, 2 }.Select(seed => model.FromIds(model.RandomIds(6, seed))).ToArray();
        var hooks = model.EveryHook();
        var run = model.Forward(ids, new() { Gradients = hooks });
        Identical(model.Forward(ids).Logits, run.Logits.detach(), "logits");
        var gradient = run.Gradient(Number(run.Logits));
        var generator = new Generator(3);
        foreach (var hook in hooks)
        {
            // A blocked edge stays at minus infinity whatever is added to it.
            var direction = randn(run[hook].shape, float64, generator: generator);
            var slope = (Along(1e-6) - Along(-1e-6)) / 2e-6;
            var got = (gradient[hook] * direction).sum().item<double>();
            Assert.True(Math.Abs(slope - got) < 1e-6 * Math.Max(1, Math.Abs(slope)), $"{hook}: expected {slope}, got {got}");
            Assert.True(gradient[hook].abs().max().item<double>() > 1e-6, $"{hook}: expected a gradient that is not 0");

            double Along(double step) =>
                Number(model.Forward(ids, new() { Edits = [Edit.Add(hook, direction * step)] }).Logits).item<double>();
        }
    }

    [Fact]
    public void What_is_below_the_lowest_place_is_a_constant_and_the_weights_are()
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64);
        var (low, high) = (new Hook(0, Site.MlpOut), new Hook(1, Site.ResidPost));
        var run = model.Forward(model.Tensor(1, 2, 3), new() { Gradients = [high, low], Keep = [new(0, Site.AttnOut)] });
        Assert.True(run[low].is_leaf);
        Assert.False(run[high].is_leaf);
        Assert.False(run[new(0, Site.AttnOut)].requires_grad);
        Assert.All(model.Weights.Values, weight => Assert.False(weight.requires_grad));
    }

    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void A_Jacobian_row_by_row_is_the_one_of_copies_together(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var (from, to) = (new Hook(0, Site.ResidPost), new Hook(model.Layers - 1, Site.ResidPost));
        var (ids, width) = (model.RandomIds(4, seed: 1), model.HiddenSize);
        var one = model.Forward(model.FromIds(ids), new() { Gradients = [from, to] });
        var rows = Enumerable.Range(0, width).Select(row => one.Gradient(one[to][0, 3, row])[from].squeeze(0));
        var copies = model.Forward([.. Enumerable.Repeat(model.FromIds(ids), width)], new() { Gradients = [from, to] });
        var together = copies.Gradient(copies[to].select(1, 3), eye(width, dtype: float64))[from];
        Close(stack([.. rows]), together, 1e-12, "rows");
        Identical(together, copies.Gradient(copies[to].select(1, 3), eye(width, dtype: float64))[from], "the second time");
    }

    [Fact]
    public void A_gate_that_is_shut_has_gradient_0_and_not_NaN()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Change(folder, weights => weights["model.layers.0.mlp.gate_proj.weight"].mul_(1e4), "llama/grouped");
        using var model = LanguageModel.Load(folder.Path);
        var hook = new Hook(0, Site.ResidPre);
        var run = model.Forward(model.Tensor(1, 2, 3), new() { Gradients = [hook] });
        var got = run.Gradient(run.Logits.sum())[hook];
        Assert.True(got.isfinite().all().item<bool>());
        Close(model.Forward(model.Tensor(1, 2, 3)).Logits, run.Logits.detach(), 1e-7, "logits");
    }

    [Fact]
    public void It_reaches_the_value_of_an_edit()
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64);
        var hook = new Hook(0, Site.ResidPre);
        var soft = randn([48], float64, generator: new Generator(1)).requires_grad_();
        var number = Number(model.Forward(model.Tensor(1, 2, 3), new() { Edits = [Edit.Replace(hook, soft, 1)] }).Logits);
        number.backward();
        var run = model.Forward(
            model.Tensor(1, 2, 3), new() { Edits = [Edit.Replace(hook, soft.detach(), 1)], Gradients = [hook] });
        Close(run.Gradient(Number(run.Logits))[hook].select(1, 1).squeeze(0), soft.grad!, 1e-14, "the prompt's vector");
    }

    [Fact]
    public void A_place_that_the_number_does_not_depend_on_has_gradient_0()
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64);
        var (first, last) = (new Hook(0, Site.ResidPost), new Hook(2, Site.ResidPost));
        var run = model.Forward(model.Tensor(1, 2, 3), new() { Gradients = [first, last] });
        var gradient = run.Gradient(run[first].sum());
        Assert.Equal(0, gradient[last].abs().max().item<double>());
        Identical(ones([1, 3, 48], float64), gradient[first], "its own");
    }

    [Fact]
    public void It_is_computed_where_recording_is_off()
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64);
        var hook = new Hook(1, Site.ResidPost);
        using var off = no_grad();
        var run = model.Forward(model.Tensor(1, 2, 3), new() { Gradients = [hook] });
        Assert.True(run.Gradient(run.Logits, ones_like(run.Logits))[hook].abs().max().item<double>() > 0);
    }

    [Fact]
    public void What_has_no_gradient_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        var hook = new Hook(1, Site.ResidPost);
        var plain = model.Forward(model.Tensor(1, 2, 3), new() { Keep = [hook] });
        Says(Assert.Throws<ModelException>(() => plain.Gradient(plain.Logits.sum())), "a gradient", "ForwardOptions.Gradients", "and none");
        var run = model.Forward(model.Tensor(1, 2, 3), new() { Gradients = [hook] });
        Says(Assert.Throws<ModelException>(() => run.Gradient(plain.Logits.sum())), "depends on a place", "resid_post.1");
        Says(Assert.Throws<ModelException>(() => run.Gradient(run.Logits)), "expected floating-point numbers [] or [1]", "[1, 3, 61]");
        Says(Assert.Throws<ModelException>(() => run.Gradient(run.Logits, ones(3))), "[1, 3, 61]", "[3]");
        Says(Assert.Throws<ModelException>(() => run.Gradient(run.Logits.sum())[new(0, Site.ResidPost)]), "resid_post.0");
        var number = run.Logits.sum();
        run.Dispose();
        Says(Assert.Throws<ModelException>(() => run.Gradient(number)), "disposed");
    }

    // Some of every row's last logits, in unlike shares.
    private static Tensor Number(Tensor logits) =>
        (logits.select(1, -1).narrow(1, 0, 5) * arange(1, 6, float64)).sum() + (logits.select(1, 2).select(1, 7) * 0.5).sum();
}
