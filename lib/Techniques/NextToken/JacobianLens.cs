namespace Logitscope;

/// <summary>
/// The Jacobian lens: <c>softmax(W_U N(J_l h_l))</c>, where J is how the last block's output answers to a change of the residual,
/// <c>J_l = E_prompt[1/|P| sum_{t in P} sum_{t' in P, t' >= t} dh_L[t'] / dh_l[t]]</c>, over the positions P from skip to the last
/// but one. Targets are summed, sources and prompts averaged. arXiv 2607.15495, and TransformerLens.
/// </summary>
public static class JacobianLens
{
    /// <summary>Its name.</summary>
    public const string Kind = "jacobian";

    /// <summary>Fits it.</summary>
    /// <param name="data">The model and its prompts; their positions are the options'.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after each prompt.</param>
    /// <param name="cancellation">Stops between two prompts.</param>
    /// <returns>The lens; its manifest counts the prompts that were long enough.</returns>
    /// <exception cref="FitException">No prompt is long enough, or the options are none.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FittedLens Fit(
        FitData data, JacobianOptions? options = null, IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var (model, layers) = (data.Model, LensLoss.LayersOf(data.Model, options.Layers));
        if (options.Skip < 0 || options.Tokens < 1 || options.Copies < 1)
        {
            throw new FitException(
                $"a Jacobian: expected a skip of 0 or more and a token and a copy at least, got {options.Skip}, {options.Tokens} and {options.Copies}");
        }

        using var scope = NewDisposeScope();
        var prompts = data.Training.Select(prompt => prompt.Truncate(options.Tokens)).Where(prompt => prompt.Count >= options.Skip + 2).ToArray();
        Tensor[] sums = [.. layers.Select(_ => zeros([model.HiddenSize, model.HiddenSize], float64, model.Device))];
        var meter = new FitMeter(prompts.Length, progress);
        foreach (var prompt in prompts)
        {
            Add(model, prompt, layers, options, sums, cancellation);
            meter.Add(1);
        }

        if (prompts.Length == 0)
        {
            throw new FitException(
                $"a Jacobian: expected prompts of {options.Skip + 2} tokens or more, got {data.Training.Count} that are shorter; take a lower skip than {options.Skip}");
        }

        var type = model.Dtype == float64 ? float64 : float32;
        AffineMapping[] maps = [.. sums.Select(sum => new AffineMapping(Kind, (sum / prompts.Length).to(type), Bias: null))];
        HeldOutLoss[] heldOut =
        [
            new(0, LensLoss.HeldOut(data, layers, _ => Mapping.Identity, cancellation)),
            new(1, LensLoss.HeldOut(data, layers, place => maps[place], cancellation)),
        ];
        var manifest = FittedManifest.Of(Kind, data, layers, options, heldOut) with
        {
            Prompts = prompts.Length,
            SkippedPrompts = data.Training.Count - prompts.Length,
        };
        return new FittedLens(manifest, layers.Zip(maps).Select(map => (map.First, map.Second.Weight, map.Second.Bias)));
    }

    /// <summary>Puts together lenses that were fitted on parts of the prompts: the mean, each counted by its prompts.</summary>
    /// <param name="parts">Lenses of one model, with the same layers and options.</param>
    /// <returns>The lens of all prompts; it has no held-out loss of its own.</returns>
    /// <exception cref="FitException">They are not of one kind.</exception>
    public static FittedLens Merge(IReadOnlyList<FittedLens> parts)
    {
        if (parts.Select(part => part.Manifest)
            .Select(part => (part.Kind, part.Model, string.Join(' ', part.Layers), $"{part.Options}")).Distinct().Count() != 1)
        {
            throw new FitException(
                $"parts of a Jacobian lens: expected lenses of one model, with the same layers and options, got {parts.Count} that differ");
        }

        using var scope = NewDisposeScope();
        var total = parts.Sum(part => (double)part.Manifest.Prompts);
        var first = parts[0].Manifest;
        return new FittedLens(
            first with
            {
                Data = string.Join(' ', parts.Select(part => part.Manifest.Data)),
                Prompts = (int)total,
                SkippedPrompts = parts.Sum(part => part.Manifest.SkippedPrompts),
                HeldOutPrompts = 0,
                HeldOut = [],
            },
            first.Layers.Select(layer => (layer, parts
                .Select(part => part.Matrix(layer).to(float64) * (part.Manifest.Prompts / total)).Aggregate((sum, next) => sum + next)
                .to(parts[0].Matrix(layer).dtype), (Tensor?)null)));
    }

    // One pass over copies of the prompt. Copy i's backward pass begins with a one at dimension first + i of every target, and ends in
    // row first + i of the Jacobian at every layer and position: what is before a source gives it nothing.
    private static void Add(
        LanguageModel model, Prompt prompt, IReadOnlyList<int> layers, JacobianOptions options, Tensor[] sums, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var positions = prompt.Count - 1 - options.Skip;
        var copies = Math.Min(options.Copies ?? Math.Max(1, model.TokensToRun / prompt.Count), model.HiddenSize);
        var top = new Hook(model.Layers - 1, Site.ResidPost);
        Hook[] sources = [.. layers.Select(layer => new Hook(layer, Site.ResidPost))];
        using var run = model.Forward(
            prompt.ToTensor().expand(copies, -1), new() { Gradients = sources, Keep = [top], Logits = LogitsOf.NoPosition });
        for (var first = 0; first < model.HiddenSize; first += copies)
        {
            cancellation.ThrowIfCancellationRequested();
            using var pass = NewDisposeScope();
            var rows = Math.Min(copies, model.HiddenSize - first);
            var ones = zeros_like(run[top]); // [copies, tokens, hidden]
            ones.narrow(0, 0, rows).narrow(1, options.Skip, positions).narrow(2, first, rows)
                .copy_(eye(rows, dtype: ones.dtype, device: ones.device).unsqueeze(1));
            var gradients = run.Gradient(run[top], ones);
            foreach (var (source, sum) in sources.Zip(sums))
            {
                sum.narrow(0, first, rows).add_(gradients[source].narrow(0, 0, rows).narrow(1, options.Skip, positions).to(float64).mean([1]));
            }
        }
    }
}

/// <summary>How a Jacobian lens is fitted.</summary>
public sealed record JacobianOptions
{
    /// <summary>The layers. Default: null, all but the last.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>The first positions, which are no sources and no targets. Default: 16.</summary>
    public int Skip { get; init; } = 16;

    /// <summary>The first tokens of a prompt that are read. Default: 128.</summary>
    public int Tokens { get; init; } = 128;

    /// <summary>Rows of the Jacobian that one backward pass gives. Default: null, what suits the cores. It changes no more than the last bits.</summary>
    public int? Copies { get; init; }
}
