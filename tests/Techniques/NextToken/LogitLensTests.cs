using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.NextToken;

public class LogitLensTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void At_the_last_layer_the_lens_is_the_logits(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var model = Open(dtype);
        var last = new Hook(2, Site.ResidPost);
        var run = model.Forward(model.Tensor(model.RandomIds(9, seed: 1)), new() { Keep = [last] });
        Identical(run.Logits, model.Unembed(run.Residuals[last]), "the lens");
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.Float64, 1e-12)]
    public void The_lens_read_directly_is_the_lens_run_as_a_patchscope(ScalarType dtype, double allowed)
    {
        using var model = Open(dtype);
        var examples = Enumerable.Range(1, 7).Select(n => new Example($"{n}", null, model.RandomIds(n, seed: n)));
        var options = new SweepOptions
        {
            Techniques = [NextTokenTechnique.LogitLens, NextTokenTechnique.LogitLensPatchscope],
            BatchSize = 3,
        };
        var rows = Sweep.Run(model, examples, options, cancellation: TestContext.Current.CancellationToken).Rows;
        var direct = rows.Where(row => row.Method == "logit-lens").ToArray();
        var patched = rows.Where(row => row.Method == "logit-lens-patchscope").ToArray();
        Assert.Equal(21, direct.Length);
        Assert.Contains(direct, row => row.Position < row.Prompt); // some are read before their prompt's end
        foreach (var (a, b) in direct.Zip(patched))
        {
            Assert.Equal(
                (a.Layer, a.Prompt, a.Position, a.Target, a.Predicted, a.Rank),
                (b.Layer, b.Prompt, b.Position, b.Target, b.Predicted, b.Rank));
            Same(a.Surprisal, b.Surprisal);
            Same(a.SurprisalPaper, b.SurprisalPaper);
            Same(a.Kl, b.Kl);
            Same(a.Margin, b.Margin);

            void Same(double x, double y) =>
                Assert.True(Math.Abs(x - y) <= allowed * Math.Max(1, Math.Abs(x)), $"{a}: expected {x:R}, got {y:R}");
        }
    }

    [Fact]
    public void The_lens_of_a_prompt_has_a_cell_a_layer_and_position()
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64);
        var prompt = model.FromIds(model.RandomIds(5, seed: 3));
        var lens = model.LogitLens(prompt);
        Assert.Equal(
            Enumerable.Range(0, 3).SelectMany(layer => Enumerable.Range(0, 5).Select(position => (layer, position))),
            lens.Cells.Select(cell => (cell.Layer, cell.Position)));
        var run = model.Forward(prompt.ToTensor(), new() { Keep = model.Hooks() });
        foreach (var cell in lens.Cells)
        {
            var residual = run.Residuals[new(cell.Layer, Site.ResidPost)].select(1, cell.Position);
            var probabilities = nn.functional.softmax(model.Unembed(residual).squeeze(0), 0).data<double>().ToArray();
            Assert.Equal(5, cell.Top.Count);
            var best = probabilities.Index().OrderByDescending(p => p.Item).Take(5);
            Assert.Equal(best.Select(p => p.Index), cell.Top.Select(token => token.Id));
            Assert.Equal(probabilities.Max(), cell.Top[0].Probability, 12);
            Assert.Equal(-probabilities.Sum(p => p * Math.Log(p)), cell.Entropy, 10);
        }
    }

    // A technique at every layer and position against one Patchscope a cell.
    [Theory]
    [MemberData(nameof(OfEachFamily), MemberType = typeof(TinyModel))]
    public void A_technique_over_a_prompt_is_a_patchscope_a_cell(string name)
    {
        using var model = Open(float64, name);
        var prompt = model.FromIds(model.RandomIds(5, seed: 3));
        var target = model.FromIds([3, 1, 4]);
        var technique = new LogitscopeTechnique { Target = new("") { Ids = target.Ids } };
        var read = model.Read(prompt, technique, TestContext.Current.CancellationToken);
        Assert.Equal(("logitscope", 5 * model.Layers), (read.Method, read.Cells.Count));
        foreach (var cell in read.Cells)
        {
            var next = new Patchscope(new(model, prompt, cell.Layer, cell.Position), new(model, target, cell.Layer, ^1)).Run().Next;
            Assert.Equal(next.Top(5).Select(token => token.Id), cell.Top.Select(token => token.Id));
            Assert.Equal(next.Entropy, cell.Entropy, 10);
        }
    }
}
