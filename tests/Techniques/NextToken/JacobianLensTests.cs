using Logitscope.Tests.Fitting;
using Logitscope.Tests.Models;
using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.NextToken;

public sealed class JacobianLensTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // d/de of sum_{t'} h_L[t'] where e v is added to h_l[t], averaged over t and prompts: J v, by central differences.
    [Theory]
    [MemberData(nameof(OfEachFamily), MemberType = typeof(TinyModel))]
    public void It_is_the_slope_of_the_targets_sum_by_finite_differences(string name)
    {
        const double step = 1e-6;
        const int skip = 3;
        using var model = Open(float64, name);
        var data = SmallFit.Data(model, 10);
        using var lens = Fit(data, new() { Skip = skip });
        var top = new Hook(model.Layers - 1, Site.ResidPost);
        var direction = randn([model.HiddenSize], float64, generator: new Generator(1));
        for (var layer = 0; layer < model.Layers - 1; layer++)
        {
            var slope = zeros(model.HiddenSize, float64);
            foreach (var prompt in data.Training)
            {
                var last = prompt.Count - 2;
                for (var t = skip; t <= last; t++)
                {
                    slope += (Moved(t, step) - Moved(t, -step)) / (2 * step) / (last - skip + 1) / data.Training.Count;
                }

                Tensor Moved(int position, double size)
                {
                    var hook = new Hook(layer, Site.ResidPost);
                    var run = model.Forward(prompt, new() { Keep = [top], Edits = [Edit.Add(hook, direction * size, position)] });
                    return run[top].narrow(1, skip, last - skip + 1).sum([0, 1]);
                }
            }

            Close(slope, lens.Matrix(layer).mv(direction), 1e-6, $"J v of layer {layer}");
        }
    }

    [Fact]
    public void Rows_together_change_nothing_and_parts_merge_to_the_whole()
    {
        using var model = Open(float64);
        var examples = SmallFit.Examples(model, 14);
        var whole = new FitData(model, examples, new() { HeldOut = 0.01 });
        using var one = Fit(whole, new() { Skip = 2, Copies = 1 });
        foreach (var copies in new[] { 7, 48, 100 })
        {
            using var many = Fit(whole, new() { Skip = 2, Copies = copies });
            Close(one.Matrix(0), many.Matrix(0), 1e-12, $"{copies} copies");
        }

        using var first = Fit(Part(0, 5), new() { Skip = 2 });
        using var second = Fit(Part(5, 8), new() { Skip = 2 });
        using var merged = JacobianLens.Merge([first, second]);
        using var joint = Fit(whole, new() { Skip = 2 });
        Assert.Equal((5, 8, 13), (first.Manifest.Prompts, second.Manifest.Prompts, merged.Manifest.Prompts));
        Close(joint.Matrix(1), merged.Matrix(1), 1e-12, "the merged one");
        Says(Assert.Throws<FitException>(() => JacobianLens.Merge([first, one])), "with the same layers and options");
        Says(Assert.Throws<FitException>(() => JacobianLens.Merge([])), "got 0");

        // The prompt that the whole holds out comes first by its hash, and is held out of every part, too.
        FitData Part(int start, int count) => new(
            model,
            whole.HeldOut.Concat(whole.Training.Skip(start).Take(count)).Select((prompt, i) => new Example($"{i}", null, prompt.Ids)),
            new() { HeldOut = 0.01 });
    }

    [Fact]
    public void With_the_identity_it_is_the_logit_lens()
    {
        using var model = Open();
        using var fitted = Fit(SmallFit.Data(model, 6), new() { Skip = 3 });
        using var identity = new FittedLens(fitted.Manifest, [(0, eye(model.HiddenSize), null), (1, eye(model.HiddenSize), null)]);
        var options = new SweepOptions { Techniques = [NextTokenTechnique.LogitLens, new FittedTechnique(identity)] };
        var rows = Sweep.Run(model, SmallFit.Examples(model, 9), options, cancellation: TestContext.Current.CancellationToken).Rows.ToLookup(row => row.Method);
        Assert.Equal(rows["logit-lens"], rows["jacobian"].Select(row => row with { Method = "logit-lens" }));
    }

    [Fact]
    public void Prompts_that_are_too_short_are_counted_and_told()
    {
        using var model = Open();
        var data = SmallFit.Data(model, 30); // 8 to 12 tokens
        using var lens = Fit(data, new() { Skip = 9 });
        var longEnough = data.Training.Count(prompt => prompt.Count >= 11);
        Assert.InRange(longEnough, 1, data.Training.Count - 1);
        Assert.Equal((longEnough, data.Training.Count - longEnough), (lens.Manifest.Prompts, lens.Manifest.SkippedPrompts));
        Says(Assert.Throws<FitException>(() => Fit(data, new())), "18 tokens or more", "lower skip than 16");
        Says(Assert.Throws<FitException>(() => Fit(data, new() { Copies = 0 })), "got 16, 128 and 0");
    }

    private static FittedLens Fit(FitData data, JacobianOptions options) =>
        JacobianLens.Fit(data, options, cancellation: TestContext.Current.CancellationToken);
}
