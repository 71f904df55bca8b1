using TorchSharp.Modules;

namespace Logitscope;

/// <summary>
/// The future lens's soft prompt: learned vectors are all of a target prompt T; the residual h_l[t] replaces what block l has at the last
/// of them, l* = l, and with the true tokens after t behind it the model is to say what it itself says at t, t + 1, ... t + n.
/// Pal et al., arXiv 2311.04897, section 3.3.
/// </summary>
public sealed class SoftPrompt : IDisposable
{
    /// <summary>Its name.</summary>
    public const string Kind = "future-soft-prompt";

    private const string TensorName = "soft_prompt";

    private SoftPrompt(FittedManifest manifest, Tensor vectors) => (Manifest, Vectors) = (manifest, vectors.DetachFromDisposeScope());

    /// <summary>What it was fitted on; its held-out losses are by number of tokens further, from 0, at each of its layer.</summary>
    public FittedManifest Manifest { get; }

    /// <summary>The learned vectors, <c>[length, hidden]</c>, in the place of token embeddings.</summary>
    public Tensor Vectors { get; }

    /// <summary>The 0-based block l, of the source and of the target.</summary>
    public int Layer => Manifest.Layers[0];

    /// <summary>How many tokens further it was taught to foretell.</summary>
    public int Ahead => Manifest.Ahead;

    /// <summary>Learns the vectors.</summary>
    /// <param name="data">The model and its prompts; a position is read where as many tokens follow as are foretold.</param>
    /// <param name="options">How. Default: the paper's.</param>
    /// <param name="checkpoint">A file from which a fit that was stopped goes on; null for none.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>The vectors of the best held-out loss.</returns>
    /// <exception cref="LogitscopeException">Data or options do not fit, or the loss is no number.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SoftPrompt Fit(
        FitData data, SoftPromptOptions? options = null, string? checkpoint = null, IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var (model, layer) = (data.Model, options.LayerOf(data.Model));
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)options.Seed, CPU);
        var type = model.Dtype == float64 ? float64 : float32;
        var vectors = new Parameter((randn([options.Length, model.HiddenSize], type, generator: generator) * 0.02).to(model.Device));
        using var optimisation = new Optimisation([(TensorName, vectors)], options);
        using var batches = data.Batches(options.TokensPerStep).GetEnumerator();
        var taken = 0;
        var heldOut = optimisation.Run(
            Step, HeldOut, checkpoint, $"{Kind} {model.Fingerprint} {data.Hash} {FittedManifest.OptionsOf(options)}", progress, cancellation);
        return new SoftPrompt(
            FittedManifest.Of(Kind, data, [layer], options, heldOut) with { Ahead = options.Ahead }, vectors.detach().clone());

        double Step(int number)
        {
            for (; taken <= number; taken++)
            {
                batches.MoveNext();
            }

            var (sum, rows) = (0.0, 0);
            using var run = data.Read(batches.Current, cancellation);
            foreach (var (residuals, after, own) in Lessons(model, run, batches.Current, layer, options.Ahead))
            {
                using var recorded = enable_grad();
                var losses = Divergence(own, Logits(model, vectors, layer, residuals, after)); // [rows, ahead + 1]
                losses.mean().backward(); // pieces of one size but the last
                (sum, rows) = (sum + losses.mean([1]).sum().ToDouble(), rows + (int)losses.size(0));
            }

            return rows > 0 ? sum / rows : throw TooShort(options);
        }

        IReadOnlyList<double> HeldOut()
        {
            var (sums, rows) = (new double[options.Ahead + 1], 0);
            foreach (var batch in data.HeldOut.Chunk(Math.Max(1, model.TokensToRun / model.ContextLength)))
            {
                using var run = data.Read(batch, cancellation);
                foreach (var (residuals, after, own) in Lessons(model, run, batch, layer, options.Ahead))
                {
                    var losses = Divergence(own, Logits(model, vectors.detach(), layer, residuals, after)).sum([0]).to(float64, CPU).data<double>().ToArray();
                    (sums, rows) = ([.. sums.Zip(losses, (sum, loss) => sum + loss)], rows + (int)residuals.size(0));
                }
            }

            return rows > 0 ? [.. sums.Select(sum => sum / rows)] : throw TooShort(options);
        }
    }

    /// <summary>What the model says with a residual in the soft prompt.</summary>
    /// <param name="model">The model that it was fitted on.</param>
    /// <param name="residuals">resid_post of <see cref="Layer"/>, <c>[n, hidden]</c>; null: none is put in, which is the control.</param>
    /// <param name="after">The tokens that follow in the source, Int64 <c>[n, k]</c>, k from 0.</param>
    /// <returns>Logits <c>[n, k + 1, vocab]</c>: of the token after t, and of each one further.</returns>
    /// <exception cref="LogitscopeException">Another model, or a tensor of another shape.</exception>
    public Tensor Read(LanguageModel model, Tensor? residuals, Tensor after)
    {
        Manifest.RequireModel(model);
        if (after.IsInvalid || after.Dimensions != 2)
        {
            throw new FitException($"{Kind}: expected the tokens that follow as Int64 [n, k], got {TorchRuntime.Describe(after)}");
        }

        if (residuals is not null)
        {
            LanguageModel.CheckResiduals(residuals, $"{Kind}: residuals", [after.size(0), model.HiddenSize]);
        }

        if (after.NumberOfElements > 0)
        {
            model.CheckIds(after);
        }

        using var scope = NewDisposeScope();
        return Logits(model, Vectors, Layer, residuals, after).MoveToOuterDisposeScope();
    }

    /// <summary>How well it foretells what the model says, and how well without the residual.</summary>
    /// <param name="data">Prompts that it has not learned from: the held-out ones are read.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>One a number of tokens further, with 95 % intervals over prompts.</returns>
    /// <exception cref="FitException">It was fitted on another model, or no prompt is long enough.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<FutureScore> Judge(FitData data, CancellationToken cancellation = default)
    {
        var model = data.Model;
        Manifest.RequireModel(model);
        var scores = new List<(int Prompt, NextTokenScore[] With, NextTokenScore[] Without)>();
        foreach (var (number, prompt) in data.HeldOut.Index())
        {
            using var run = data.Read([prompt], cancellation);
            foreach (var (residuals, after, own) in Lessons(model, run, [prompt], Layer, Ahead))
            {
                using var scorer = new NextTokenScorer(own.reshape(-1, own.size(-1)));
                int[] rows = [.. Enumerable.Range(0, (int)(own.size(0) * own.size(1)))];
                var with = scorer.Score(Logits(model, Vectors, Layer, residuals, after).reshape(-1, own.size(-1)), rows).Chunk(Ahead + 1);
                var without = scorer.Score(Logits(model, Vectors, Layer, null, after).reshape(-1, own.size(-1)), rows).Chunk(Ahead + 1);
                scores.AddRange(with.Zip(without, (one, other) => (number, one, other)));
            }
        }

        int[] groups = [.. scores.Select(score => score.Prompt)];
        return scores.Count == 0 ? throw TooShort(new() { Ahead = Ahead }) :
        [
            .. Enumerable.Range(0, Ahead + 1).Select(further => new FutureScore(
                further, scores.Count,
                new Sample([.. scores.Select(score => (double)score.With[further].PrecisionAt1)], groups).Share(),
                new Sample([.. scores.Select(score => score.With[further].Surprisal)], groups).Hall(),
                new Sample([.. scores.Select(score => (double)score.Without[further].PrecisionAt1)], groups).Share(),
                new Sample([.. scores.Select(score => score.Without[further].Surprisal)], groups).Hall())),
        ];
    }

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The model that it must be of.</param>
    /// <returns>The soft prompt.</returns>
    /// <exception cref="FitException">It is of another kind or model, or broken.</exception>
    public static SoftPrompt Load(string folder, LanguageModel model)
    {
        var (manifest, file) = FittedManifest.Open(folder, model, Kind);
        try
        {
            return new SoftPrompt(manifest, file.Read(TensorName).to(model.Device).clone());
        }
        catch (CheckpointException error)
        {
            throw FittedManifest.Broken(folder, Kind, error);
        }
    }

    /// <summary>Writes a folder.</summary>
    /// <param name="folder">Created where it does not exist.</param>
    /// <exception cref="FitException">It cannot be written.</exception>
    public void Save(string folder) => Manifest.Save(folder, [(TensorName, Vectors)]);

    /// <summary>Frees the vectors.</summary>
    public void Dispose() => Vectors.Dispose();

    // T is the soft prompt and, behind it, what follows in the source.
    private static Tensor Logits(LanguageModel model, Tensor vectors, int layer, Tensor? residuals, Tensor after)
    {
        var (rows, length) = (after.size(0), (int)vectors.size(0));
        var standIns = zeros([rows, length], int64, model.Device);
        var soft = new Edit(new(0, Site.ResidPre), own => own - model.EmbedTokens(standIns) + vectors.to(own.dtype))
        {
            Positions = [.. Enumerable.Range(0, length).Select(i => new Index(i))],
        };
        Edit[] edits = residuals is null ? [soft] : [soft, Edit.Replace(new(layer, Site.ResidPost), residuals, length - 1)];
        var last = model.Climb(cat([standIns, after.to(model.Device)], 1), new Pass(edits: edits));
        return model.Unembed(last.narrow(1, length - 1, after.size(1) + 1));
    }

    private static Tensor Divergence(Tensor own, Tensor read)
    {
        var source = Distributions.LogProbabilities(own);
        return Distributions.Expectation(source.exp(), source - Distributions.LogProbabilities(read));
    }

    // Of every position that so many tokens follow: its residual, these tokens, and what the model says there and after each.
    private static IEnumerable<(Tensor Residuals, Tensor After, Tensor Own)> Lessons(
        LanguageModel model, SourceRun run, IReadOnlyList<Prompt> prompts, int layer, int ahead)
    {
        var rows = run.Places.Index().ToDictionary(place => place.Item, place => (long)place.Index);
        var taught = run.Places.Where(place => Enumerable.Range(0, ahead + 1).All(n => rows.ContainsKey(place with { Position = place.Position + n })));
        foreach (var piece in taught.Chunk(Math.Max(1, model.RowsToUnembed / (ahead + 1))))
        {
            using var scope = NewDisposeScope();
            var residuals = run.At(new(layer, Site.ResidPost)).index_select(0, Rows(piece.Select(place => rows[place])));
            var own = run.Last().index_select(0, Rows(piece.SelectMany(place => Enumerable.Range(0, ahead + 1).Select(n => rows[place with { Position = place.Position + n }]))));
            var after = tensor([.. piece.SelectMany(place => prompts[place.Prompt].Ids.Skip(place.Position + 1).Take(ahead)).Select(id => (long)id)], [piece.Length, ahead]);
            yield return (residuals, after, model.Unembed(own).reshape(piece.Length, ahead + 1, -1));
        }

        Tensor Rows(IEnumerable<long> some) => tensor([.. some], device: model.Device);
    }

    private static FitException TooShort(SoftPromptOptions options) =>
        new($"{Kind}: expected a prompt with {options.Ahead} tokens after one that is read, in both parts of the data, got none");
}

/// <summary>How a soft prompt is learned: the paper's AdamW, learning rate 5e-4, decay 1e-5.</summary>
public sealed record SoftPromptOptions : OptimiserOptions
{
    /// <summary>The paper's optimiser.</summary>
    public SoftPromptOptions() => (Optimiser, LearningRate, WeightDecay) = (OptimiserKind.AdamW, 5e-4, 1e-5);

    /// <summary>The layer l. Default: null, the one in the middle, as the paper's 13 of 28.</summary>
    public int? Layer { get; init; }

    /// <summary>How many vectors. Default: the paper's 10.</summary>
    public int Length { get; init; } = 10;

    /// <summary>How many tokens further than the next one are foretold. Default: the paper's 3.</summary>
    public int Ahead { get; init; } = 3;

    /// <summary>Of the vectors at the start, N(0, 0.02).</summary>
    public long Seed { get; init; } = 1;

    internal int LayerOf(LanguageModel model)
    {
        if (Length < 1 || Ahead < 0 || Length + Ahead > model.ContextLength)
        {
            throw new FitException($"{SoftPrompt.Kind}: expected at least one vector and tokens within the context of {model.ContextLength}, got {Length} and {Ahead}");
        }

        var layer = Layer ?? (model.Layers - 1) / 2;
        model.CheckLayer(layer);
        return layer;
    }
}

/// <summary>How well a soft prompt foretells what the model says some tokens further.</summary>
/// <param name="Further">0 is the next token.</param>
/// <param name="Count">How many residuals.</param>
/// <param name="PrecisionAt1">Share of residuals with which the most probable token is the model's own.</param>
/// <param name="Surprisal">Mean <c>-ln p(the model's own most probable token)</c>, in nats.</param>
/// <param name="PrecisionAt1Without">The same with no residual put in: what the tokens behind it tell.</param>
/// <param name="SurprisalWithout">The same with no residual put in.</param>
public sealed record FutureScore(
    int Further, int Count, Interval PrecisionAt1, Interval Surprisal, Interval PrecisionAt1Without, Interval SurprisalWithout);
