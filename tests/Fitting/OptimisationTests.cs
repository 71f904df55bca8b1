using TorchSharp;
using TorchSharp.Modules;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Fitting;

/// <summary>The loop on <c>|p - goal|^2</c>, whose gradient is <c>2 (p - goal)</c>.</summary>
public sealed class OptimisationTests : IDisposable
{
    private static readonly double[] s_goal = [3, -2];

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    // g' = g + decay p; v = m v + g' (v = g' first); p -= lr (g' + m v).
    [Fact]
    public void SGD_is_Nesterovs_by_hand_with_a_rate_that_falls_to_zero_and_a_common_clip()
    {
        var options = new OptimiserOptions { Steps = 5, LearningRate = 0.05, WeightDecay = 0.01, Clip = 4, EvaluateEvery = 5 };
        double[] p = [0, 0], v = [0, 0];
        for (var step = 0; step < 5; step++)
        {
            var rate = 0.05 * (1 - (step / 5.0));
            double[] g = [2 * (p[0] - s_goal[0]), 2 * (p[1] - s_goal[1])];
            var cut = Math.Min(1, 4 / (Math.Sqrt((g[0] * g[0]) + (g[1] * g[1])) + 1e-6));
            for (var i = 0; i < 2; i++)
            {
                var decayed = (g[i] * cut) + (0.01 * p[i]);
                v[i] = step == 0 ? decayed : (0.9 * v[i]) + decayed;
                p[i] -= rate * (decayed + (0.9 * v[i]));
            }
        }

        Close(tensor(p), Run(options).Found, 1e-12, "p");
    }

    [Fact]
    public void AdamW_is_Loshchilov_and_Hutters_by_hand()
    {
        var options = new OptimiserOptions { Optimiser = OptimiserKind.AdamW, Steps = 4, LearningRate = 0.1, WeightDecay = 0.02, Clip = 1e9, EvaluateEvery = 4 };
        double[] p = [0, 0], mean = [0, 0], square = [0, 0];
        for (var step = 0; step < 4; step++)
        {
            var rate = 0.1 * (1 - (step / 4.0));
            for (var i = 0; i < 2; i++)
            {
                var g = 2 * (p[i] - s_goal[i]);
                p[i] -= rate * 0.02 * p[i];
                mean[i] = (0.9 * mean[i]) + (0.1 * g);
                square[i] = (0.999 * square[i]) + (0.001 * g * g);
                p[i] -= rate * mean[i] / (1 - Math.Pow(0.9, step + 1)) / (Math.Sqrt(square[i] / (1 - Math.Pow(0.999, step + 1))) + 1e-8);
            }
        }

        Close(tensor(p), Run(options).Found, 1e-12, "p");
    }

    [Theory]
    [InlineData(OptimiserKind.Sgd)]
    [InlineData(OptimiserKind.AdamW)]
    public void A_run_that_was_stopped_goes_on_to_the_same_bits(OptimiserKind kind)
    {
        var options = new OptimiserOptions { Optimiser = kind, Steps = 20, LearningRate = 0.03, EvaluateEvery = 6 };
        var whole = Run(options);
        var file = _folder.PathOf("a", "unfinished.safetensors");
        foreach (var stopAt in new[] { 0, 1, 6, 13 })
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => Run(options, file, stopAt, stop));
            Says(Assert.Throws<FitException>(() => Run(options, file, plan: "another")), file, "of another model, data or options");
        }

        var resumed = Run(options, file);
        Identical(whole.Found, resumed.Found, "p");
        Assert.Equal(whole.Losses.Select(loss => (loss.Step, loss.Kl[0])), resumed.Losses.Select(loss => (loss.Step, loss.Kl[0])));
        Assert.Equal([0, 6, 12, 18, 20], resumed.Losses.Select(loss => loss.Step));
        Assert.False(File.Exists(file));
    }

    // The held-out loss has its least at 1.5 of the way, which the steps overshoot.
    [Fact]
    public void The_best_of_the_held_out_losses_is_kept_and_it_stops_where_nothing_gets_better()
    {
        var options = new OptimiserOptions { Steps = 1000, LearningRate = 0.001, Momentum = 0, WeightDecay = 0, Clip = 1e9, EvaluateEvery = 10, Patience = 3 };
        var steps = 0;
        var run = Run(options, heldOut: p => Math.Abs(p.select(0, 0).item<double>() - 1.5), onStep: () => steps++);
        var best = run.Losses.MinBy(loss => loss.Kl[0])!;
        Assert.InRange(best.Step, 200, 600);
        Assert.Equal(best.Step + 30, run.Losses[^1].Step);
        Assert.Equal(best.Step + 30, steps);
        Assert.Equal(best.Kl[0], Math.Abs(run.Found.select(0, 0).item<double>() - 1.5));
    }

    [Fact]
    public void A_loss_that_is_no_number_and_options_that_are_none_are_refused()
    {
        Says(Assert.Throws<FitException>(() => Run(new() { LearningRate = 1e200, Momentum = 0, Clip = 1e300 })), "the loss at step", "finite");
        Says(Assert.Throws<FitException>(() => Run(new() { Steps = 0 })), "above 0", "got 0");
        Says(Assert.Throws<FitException>(() => Run(new() { LearningRate = -1 })), "-1");
        Says(Assert.Throws<FitException>(() => Run(new() { Optimiser = (OptimiserKind)7 })), "sgd or adamw", "7");
    }

    private static (Tensor Found, IReadOnlyList<HeldOutLoss> Losses) Run(
        OptimiserOptions options, string? checkpoint = null, int stopAt = int.MaxValue, CancellationTokenSource? stop = null, string plan = "plan",
        Func<Tensor, double>? heldOut = null, Action? onStep = null)
    {
        var p = new Parameter(zeros(2, float64));
        using var loop = new Optimisation([("p", p)], options);
        if (stopAt == 0)
        {
            stop!.Cancel();
        }

        var losses = loop.Run(Step, () => [heldOut?.Invoke(p) ?? Loss().item<double>()], checkpoint, plan, cancellation: stop?.Token ?? default);
        return (p.detach(), losses);

        Tensor Loss() => (p - tensor(s_goal)).square().sum();

        double Step(int number)
        {
            onStep?.Invoke();
            var loss = Loss();
            loss.backward();
            if (number + 1 == stopAt)
            {
                stop!.Cancel();
            }

            return loss.item<double>();
        }
    }
}
