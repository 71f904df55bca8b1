namespace Logitscope;

/// <summary>
/// Probing: multinomial logistic regression from one residual to the attribute, <c>argmax softmax(W h + b)</c>, one a layer. No Patchscope;
/// the supervised baseline of Ghandeharioun et al., arXiv 2401.06102, section 4.2.
/// </summary>
/// <remarks>
/// The loss is the mean cross-entropy in nats, plus ridge / 2 times the sum of squares of W and b. It has one minimum, and Nesterov's method
/// of a constant momentum finds it with a step that cannot be too long: half the largest eigenvalue of the inputs' second moments, plus the
/// ridge, bounds its curvature. All layers go at once.
/// </remarks>
public static class Probe
{
    /// <summary>Its name.</summary>
    public const string Kind = "probe";

    /// <summary>Fits probes.</summary>
    /// <param name="inputs">Residuals, <c>[layers, rows, hidden]</c>.</param>
    /// <param name="labels">Int64 <c>[rows]</c>, from 0 to less than the classes.</param>
    /// <param name="classes">How many labels there are.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>The probes; the caller, or the caller's scope, disposes them.</returns>
    /// <exception cref="FitException">Shapes differ, the ridge is not above 0, or the minimum is not found in so many steps.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ProbeWeights Fit(Tensor inputs, Tensor labels, int classes, ProbeOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new();
        if (inputs.Dimensions != 3 || labels.Dimensions != 1 || labels.dtype != int64 || inputs.size(1) != labels.size(0) || classes < 1 || !(options.Ridge > 0 && double.IsFinite(options.Ridge)))
        {
            throw new FitException(
                $"a probe: expected [layers, rows, hidden], Int64 [rows], a class and a ridge above 0, got {TorchRuntime.Describe(inputs)}, "
                + $"{TorchRuntime.Describe(labels)}, {classes} classes and ridge {options.Ridge}");
        }

        using var scope = NewDisposeScope();
        var wide = inputs.to(float64);
        var mean = wide.mean([1], keepdim: true);
        var scale = (wide - mean).square().mean([1], keepdim: true).sqrt().clamp_min(1e-12) * Math.Sqrt(inputs.size(2));
        var weights = new ProbeWeights(mean, scale, zeros([inputs.size(0), inputs.size(2) + 1, classes], float64, inputs.device));
        var x = weights.Standard(wide); // [layers, rows, hidden + 1]
        var target = nn.functional.one_hot(labels, classes).to(float64); // [rows, classes]
        var largest = linalg.eigvalsh(x.transpose(1, 2).bmm(x) / x.size(1)).amax([1]).reshape(-1, 1, 1);
        var curvature = (largest / 2) + options.Ridge;
        var root = (options.Ridge / curvature).sqrt();
        var momentum = (1 - root) / (1 + root);
        var (w, before) = (weights.Weight, weights.Weight);
        for (var step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var one = NewDisposeScope();
            var ahead = w + ((w - before) * momentum);
            var slope = Slope(ahead);
            var gone = step > 0 ? before : null;
            (before, w) = (w, (ahead - (slope / curvature)).MoveToOuterDisposeScope());
            gone?.Dispose();
            if (step % 20 == 19 && Slope(w).abs().max().item<double>() <= options.Tolerance)
            {
                return new ProbeWeights(mean.MoveToOuterDisposeScope(), scale.MoveToOuterDisposeScope(), w.MoveToOuterDisposeScope());
            }
        }

        throw new FitException($"a probe: expected a slope of at most {options.Tolerance} within {options.Steps} steps, got {Slope(w).abs().max().item<double>()}; take a larger ridge");

        Tensor Slope(Tensor at) => (x.transpose(1, 2).bmm(x.bmm(at).softmax(-1) - target) / x.size(1)) + (at * options.Ridge);
    }

    /// <summary>Cross-validates probes on the rows of a split.</summary>
    /// <param name="model">The model.</param>
    /// <param name="split">The rows; classes are their answers' first tokens.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after each part of rows and of shuffled ones.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>
    /// The scores, and those of probes that were fitted on labels shuffled among subjects. <see cref="AttributeSplit.Majority"/> is the other control.
    /// </returns>
    /// <exception cref="FitException">As <see cref="Fit"/>.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static (AttributeScores Scores, AttributeScores Shuffled) CrossValidate(
        LanguageModel model, AttributeSplit split, ProbeOptions? options = null, IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var meter = new FitMeter(2 * split.Parts, progress);
        using var run = split.Read(model, cancellation);
        var inputs = run.Stack().transpose(0, 1); // [layers, rows, hidden]
        var classOf = split.Rows.Select(row => row.Answer).Distinct().Index().ToDictionary(answer => answer.Item, answer => answer.Index);
        AttributeSetting[] settings = [.. Enumerable.Range(0, model.Layers).Select(layer => new AttributeSetting(layer))];
        return (
            split.Score(Kind, settings, part => Right(part, split.Rows)),
            split.Score($"{Kind}, shuffled labels", settings, part => Right(part, split.Others)));

        bool[][] Right(int part, IReadOnlyList<SubjectRow> taught)
        {
            using var one = NewDisposeScope();
            var rows = split.Fitted(part);
            var labels = tensor([.. rows.Select(row => (long)classOf[taught[row].Answer])], device: model.Device);
            var probes = Fit(inputs.index_select(1, tensor([.. rows.Select(row => (long)row)], device: model.Device)), labels, classOf.Count, options, cancellation);
            var said = probes.Logits(inputs).argmax(-1).cpu(); // [layers, rows]
            meter.Add(1);
            return [.. settings.Select(setting => said[setting.Layer].data<long>().ToArray().Select((label, row) => label == classOf[split.Rows[row].Answer]).ToArray())];
        }
    }
}

/// <summary>Fitted probes, one a layer.</summary>
/// <param name="Mean">Of the inputs, <c>[layers, 1, hidden]</c>.</param>
/// <param name="Scale">Their standard deviations times the root of the width, <c>[layers, 1, hidden]</c>.</param>
/// <param name="Weight">W and, in the last row, b, of standardised inputs, <c>[layers, hidden + 1, classes]</c>.</param>
public sealed record ProbeWeights(Tensor Mean, Tensor Scale, Tensor Weight) : IDisposable
{
    /// <summary>What the probes say.</summary>
    /// <param name="inputs">Residuals, <c>[layers, rows, hidden]</c>.</param>
    /// <returns>Logits, <c>[layers, rows, classes]</c>.</returns>
    public Tensor Logits(Tensor inputs)
    {
        using var scope = NewDisposeScope();
        return Standard(inputs).bmm(Weight).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the numbers.</summary>
    public void Dispose()
    {
        Mean.Dispose();
        Scale.Dispose();
        Weight.Dispose();
    }

    /// <summary>Inputs of mean 0, whose squares sum to about 1, and a one behind each.</summary>
    internal Tensor Standard(Tensor inputs)
    {
        using var scope = NewDisposeScope();
        var standard = (inputs.to(float64) - Mean) / Scale;
        return cat([standard, ones_like(standard.narrow(2, 0, 1))], dim: 2).MoveToOuterDisposeScope();
    }
}

/// <summary>How probes are fitted.</summary>
public sealed record ProbeOptions
{
    /// <summary>The ridge. Default: 1e-3.</summary>
    public double Ridge { get; init; } = 1e-3;

    /// <summary>The largest slope at the minimum. Default: 1e-5.</summary>
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>Steps at most. Default: 5,000.</summary>
    public int Steps { get; init; } = 5000;
}
