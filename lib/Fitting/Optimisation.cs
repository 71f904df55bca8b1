using System.Diagnostics;
using System.Text;
using TorchSharp.Modules;

namespace Logitscope;

/// <summary>
/// The optimiser loop: batches to learn from, a held-out loss now and then, the best parameters kept, early stop, and a
/// checkpoint from which a run that was stopped goes on to the same result.
/// </summary>
/// <param name="parameters">What is learned, by name; changed in place.</param>
/// <param name="options">How.</param>
public sealed class Optimisation(IReadOnlyList<(string Name, Parameter Value)> parameters, OptimiserOptions options) : IDisposable
{
    private readonly OptimizerHelper _optimizer = Make(parameters, options);
    private readonly List<HeldOutLoss> _heldOut = [];
    private Tensor[] _best = [];

    /// <summary>Learns; the parameters end as those of the best held-out loss.</summary>
    /// <param name="step">Makes the gradients of a batch, by its 0-based number, and returns its loss.</param>
    /// <param name="heldOut">The held-out loss as it is now, of each layer or part.</param>
    /// <param name="checkpoint">A file to go on from, which is gone in the end; null for none.</param>
    /// <param name="plan">Hash of what is learned from what: another one's checkpoint is refused.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Stops between two steps, with a checkpoint.</param>
    /// <returns>The held-out losses, the first one before any step.</returns>
    /// <exception cref="FitException">The loss is no number, or the checkpoint is another fit's.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<HeldOutLoss> Run(
        Func<int, double> step,
        Func<IReadOnlyList<double>> heldOut,
        string? checkpoint = null,
        string plan = "",
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var done = Restore(checkpoint, plan);
        if (_heldOut.Count == 0)
        {
            Judge(0, heldOut);
        }

        var (first, watch) = (done, Stopwatch.StartNew());
        while (done < options.Steps && !IsStuck)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save(checkpoint, plan, done);
                cancellation.ThrowIfCancellationRequested();
            }

            var loss = Step(done, step);
            done++;
            if (done % options.EvaluateEvery == 0 || done == options.Steps)
            {
                Judge(done, heldOut);
                Save(checkpoint, plan, done);
            }

            var rate = (done - first) / watch.Elapsed.TotalSeconds;
            progress?.Report(new(
                done, options.Steps, loss, _heldOut[^1].Kl.Average(), rate, TimeSpan.FromSeconds((options.Steps - done) / rate)));
        }

        Copy(_best, parameters.Select(parameter => (Tensor)parameter.Value));
        if (checkpoint is not null)
        {
            File.Delete(checkpoint);
        }

        return [.. _heldOut];
    }

    /// <summary>Frees what the optimiser remembers.</summary>
    public void Dispose()
    {
        _optimizer.Dispose();
        Array.ForEach(_best, tensor => tensor.Dispose());
    }

    private int BestIndex => _heldOut.Index().MinBy(loss => loss.Item.Kl.Average()).Index;

    private bool IsStuck => options.Patience is { } patience && _heldOut.Count - 1 - BestIndex >= patience;

    private static OptimizerHelper Make(IReadOnlyList<(string Name, Parameter Value)> parameters, OptimiserOptions options)
    {
        if (options.Steps < 1 || options.EvaluateEvery < 1 || options.Patience < 1 || !(options.Rate > 0))
        {
            throw new FitException(
                "an optimiser: expected steps, evaluations, patience and a learning rate above 0, "
                + $"got {options.Steps}, {options.EvaluateEvery}, {options.Patience} and {options.Rate}");
        }

        var values = parameters.Select(parameter => parameter.Value);
        return options.Optimiser switch
        {
            OptimiserKind.Sgd => optim.SGD(
                values, options.Rate, options.Momentum, weight_decay: options.WeightDecay, nesterov: options.Momentum > 0),
            OptimiserKind.AdamW => optim.AdamW(values, options.Rate, weight_decay: options.WeightDecay),
            _ => throw new FitException($"an optimiser: expected sgd or adamw, got {options.Optimiser}"),
        };
    }

    private double Step(int number, Func<int, double> step)
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        var loss = step(number);
        if (!double.IsFinite(loss))
        {
            throw new FitException($"the loss at step {number}: expected a finite number, got {loss}; lower the learning rate");
        }

        nn.utils.clip_grad_norm_(parameters.Select(parameter => parameter.Value), options.Clip);
        foreach (var group in _optimizer.ParamGroups)
        {
            group.LearningRate = options.Rate * (1 - ((double)number / options.Steps)); // linear to 0
        }

        _optimizer.step();
        return loss;
    }

    private void Judge(int done, Func<IReadOnlyList<double>> heldOut)
    {
        _heldOut.Add(new(done, heldOut()));
        if (BestIndex == _heldOut.Count - 1)
        {
            Array.ForEach(_best, tensor => tensor.Dispose());
            _best = [.. parameters.Select(parameter => parameter.Value.detach().clone().DetachFromDisposeScope())];
        }
    }

    // Everything that decides what comes next, in place; moments are there from the first step on.
    private IEnumerable<(string Name, Tensor Value)> State() => parameters.Select(parameter => (parameter.Name, (Tensor)parameter.Value))
        .Concat(parameters.Zip(_best, (parameter, best) => ($"best.{parameter.Name}", best)))
        .Concat(parameters.Zip(_optimizer.state_dict().State).SelectMany(pair => pair.Second switch
        {
            SGD.State { momentum_buffer: { } buffer } => [($"momentum.{pair.First.Name}", buffer)],
            AdamW.State { exp_avg: { } mean } moments => [($"mean.{pair.First.Name}", mean), ($"square.{pair.First.Name}", moments.exp_avg_sq)],
            _ => Array.Empty<(string, Tensor)>(),
        }));

    private void Save(string? checkpoint, string plan, int done)
    {
        if (checkpoint is null)
        {
            return;
        }

        using var scope = NewDisposeScope();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(checkpoint))!);
        SafetensorsWriter.Write(checkpoint,
        [
            .. State().Select(one => (one.Name, one.Value.detach())),
            ("plan", tensor(Encoding.UTF8.GetBytes(plan))),
            ("step", tensor([(long)done])),
            ("held_out.step", tensor([.. _heldOut.Select(loss => (long)loss.Step)])),
            ("held_out.kl", tensor([.. _heldOut.SelectMany(loss => loss.Kl)]).reshape(_heldOut.Count, -1)),
        ]);
    }

    private int Restore(string? checkpoint, string plan)
    {
        if (checkpoint is null || !File.Exists(checkpoint))
        {
            return 0;
        }

        using var scope = NewDisposeScope();
        var file = SafetensorsFile.Open(checkpoint);
        if (Encoding.UTF8.GetString(file.Read("plan").data<byte>().ToArray()) != plan)
        {
            throw new FitException($"{checkpoint}: holds the unfinished fit of another model, data or options; choose another folder or remove it");
        }

        var steps = (int)file.Read("step").item<long>();
        var kl = file.Read("held_out.kl");
        _heldOut.AddRange(file.Read("held_out.step").data<long>().ToArray()
            .Select((at, row) => new HeldOutLoss((int)at, kl.select(0, row).data<double>().ToArray())));
        _best = [.. parameters.Select(parameter => parameter.Value.detach().clone().DetachFromDisposeScope())];
        foreach (var state in _optimizer.state_dict().State.Zip(parameters))
        {
            switch (state.First)
            {
                case SGD.State momentum when options.Momentum > 0 && steps > 0:
                    momentum.momentum_buffer = zeros_like(state.Second.Value).DetachFromDisposeScope();
                    break;
                case AdamW.State moments:
                    moments.step = steps;
                    break;
            }
        }

        using var guard = no_grad();
        foreach (var (name, value) in State())
        {
            value.copy_(file.Read(name, value.shape));
        }

        return steps;
    }

    private static void Copy(IEnumerable<Tensor> from, IEnumerable<Tensor> to)
    {
        using var guard = no_grad();
        foreach (var (source, target) in from.Zip(to))
        {
            target.copy_(source);
        }
    }
}

/// <summary>How an optimiser learns. The learning rate falls linearly to 0; gradients are cut to a common norm.</summary>
public record OptimiserOptions
{
    /// <summary>Which one. Default: SGD with Nesterov's momentum.</summary>
    public OptimiserKind Optimiser { get; init; } = OptimiserKind.Sgd;

    /// <summary>Steps at most. Default: 250.</summary>
    public int Steps { get; init; } = 250;

    /// <summary>Residuals that a step learns from, at least. Default: 2^11.</summary>
    public int TokensPerStep { get; init; } = 1 << 11;

    /// <summary>The learning rate at the start. Default: null, 0.1 for SGD and 1e-3 for AdamW.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Momentum of SGD. Default: 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay. Default: 1e-3.</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>The largest norm of all gradients together. Default: 1.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>Steps between two looks at the held-out loss, and two checkpoints. Default: 25.</summary>
    public int EvaluateEvery { get; init; } = 25;

    /// <summary>After so many looks without a better held-out loss it stops. Default: null, never.</summary>
    public int? Patience { get; init; }

    /// <summary>The learning rate in use.</summary>
    internal double Rate => LearningRate ?? (Optimiser == OptimiserKind.AdamW ? 1e-3 : 0.1);
}

/// <summary>An optimiser of TorchSharp's.</summary>
public enum OptimiserKind
{
    /// <summary>Stochastic gradient descent with Nesterov's momentum.</summary>
    Sgd,

    /// <summary>AdamW (Loshchilov and Hutter, arXiv 1711.05101).</summary>
    AdamW,
}

/// <summary>How far a fit is.</summary>
/// <param name="Done">Steps or prompts done.</param>
/// <param name="Total">Of so many.</param>
/// <param name="Loss">Of the last step, in nats; null where there is none.</param>
/// <param name="HeldOut">The last held-out loss, in nats; null where there is none.</param>
/// <param name="Rate">Steps or prompts a second.</param>
/// <param name="Left">Time left at that rate.</param>
public sealed record FitProgress(int Done, int Total, double? Loss, double? HeldOut, double Rate, TimeSpan Left)
{
    /// <summary>One line.</summary>
    /// <returns>Share done, losses, rate and time left.</returns>
    public override string ToString() =>
        $"{100.0 * Done / Total:F0} %  {Done:N0} of {Total:N0}" + (Loss is { } loss ? $"  loss {loss:F3}" : "")
        + (HeldOut is { } held ? $"  held out {held:F3} nats" : "") + $"  {Rate:N1}/s  {Left:hh\\:mm\\:ss} left";
}

/// <summary>Progress of a fit that takes prompts as they come.</summary>
internal sealed class FitMeter(int total, IProgress<FitProgress>? progress)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _done;

    /// <summary>So many more are done.</summary>
    public void Add(int count)
    {
        _done += count;
        var rate = _done / _watch.Elapsed.TotalSeconds;
        progress?.Report(new(_done, total, null, null, rate, TimeSpan.FromSeconds((total - _done) / rate)));
    }
}
