namespace Logitscope;

/// <summary>
/// Patching across models of one vocabulary: a residual of M at layer l, mapped by <c>f(h) = A h + b</c>, takes the place of M*'s at layer l*,
/// T = S, i* = i, and should make M* say what M says. A and b are fitted by least squares for every pair of layers. Ghandeharioun et al.,
/// arXiv 2401.06102, section 4.4.
/// </summary>
public sealed class CrossModel : IDisposable
{
    /// <summary>The name of the maps.</summary>
    public const string Kind = "cross-model";

    private readonly (Tensor Weight, Tensor Bias)[] _maps; // by source layer: [L* hidden*, hidden], [L* hidden*]
    private readonly LanguageModel _source;
    private readonly LanguageModel _target;

    private CrossModel(LanguageModel source, LanguageModel target, (Tensor, Tensor)[] maps) => (_source, _target, _maps) = (source, target, maps);

    /// <summary>Fits the maps of all pairs of layers, in one pass over the data.</summary>
    /// <param name="data">Prompts of the source model; those held out are not looked at.</param>
    /// <param name="target">The target model.</param>
    /// <param name="ridge">A multiple of the number of residuals. Default: 0, none.</param>
    /// <param name="progress">Told after some prompts.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The maps; the caller disposes them, not the models.</returns>
    /// <exception cref="PatchException">The models do not have the same tokens.</exception>
    /// <exception cref="FitException">There are fewer residuals than a layer is wide.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static CrossModel Fit(
        FitData data, LanguageModel target, double ridge = 0, IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        var source = data.Model;
        CheckTokens(source, target);
        using var scope = NewDisposeScope();
        LeastSquares[] sums = [.. Enumerable.Range(0, source.Layers).Select(_ => new LeastSquares(source.HiddenSize, target.Layers * target.HiddenSize, intercept: true))];
        try
        {
            var meter = new FitMeter(data.Training.Count, progress);
            var longest = data.Training.Max(prompt => prompt.Count);
            foreach (var some in data.Training.OrderBy(prompt => prompt.Count).Chunk(Math.Max(1, Math.Min(source.TokensToRun, target.TokensToRun) / longest)))
            {
                using var piece = NewDisposeScope();
                using var from = data.Read(some, cancellation);
                using var to = SourceRun.Read(target, some, from.Places, cancellation);
                var outputs = to.Stack().flatten(1); // [places, L* hidden*]
                foreach (var (layer, sum) in sums.Index())
                {
                    sum.Add(from.At(new(layer, Site.ResidPost)), outputs);
                }

                meter.Add(some.Length);
            }

            return new CrossModel(source, target, [.. sums.Select(sum =>
            {
                var (weight, bias) = sum.Solve(ridge * sum.Count);
                return (weight.to(target.Dtype).DetachFromDisposeScope(), bias!.to(target.Dtype).DetachFromDisposeScope());
            })]);
        }
        finally
        {
            Array.ForEach(sums, sum => sum.Dispose());
        }
    }

    /// <summary>The map of a pair of layers.</summary>
    /// <param name="layer">The 0-based block of M.</param>
    /// <param name="target">The 0-based block of M*.</param>
    /// <returns>f; its numbers live as long as this.</returns>
    public Mapping At(int layer, int target)
    {
        var (weight, bias) = _maps[layer];
        return new AffineMapping(
            Kind, weight.narrow(0, (long)target * _target.HiddenSize, _target.HiddenSize), bias.narrow(0, (long)target * _target.HiddenSize, _target.HiddenSize));
    }

    /// <summary>How often M* says what M says, for every pair of layers.</summary>
    /// <param name="prompts">Source prompts that no map was fitted on.</param>
    /// <param name="into">T; its last token is replaced. Default: T = S, i* = i.</param>
    /// <param name="shuffled">The control: what is patched is the next prompt's residual, which should tell nothing of this one's.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>precision@1 and surprisals against M's own prediction at each prompt's last token.</returns>
    /// <exception cref="LogitscopeException">There is no prompt, or one exceeds a context.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public LayerGrid Grid(IReadOnlyList<Prompt> prompts, Prompt? into = null, bool shuffled = false, CancellationToken cancellation = default) =>
        LayerGrid.Run(_source, _target, prompts, shuffled ? [.. prompts.Skip(1), .. prompts.Take(1)] : prompts, At, into, ^1, cancellation);

    /// <summary>The maps beside what there is without them, each at its best pair of layers, which flatters all but the last.</summary>
    /// <param name="prompts">Source prompts that no map was fitted on.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>
    /// The learned maps with T = S; with T = "?", where all that is right comes from the residual; no map; another prompt's residual; nothing patched.
    /// </returns>
    /// <exception cref="LogitscopeException">As <see cref="Grid"/>; or the target has no tokenizer.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<(string Arm, LayerGridCell Best)> Arms(IReadOnlyList<Prompt> prompts, CancellationToken cancellation = default)
    {
        return
        [
            ("learned map", Best(Grid(prompts, cancellation: cancellation))),
            ("learned map, T = ?", Best(Grid(prompts, _target.Encode("?"), cancellation: cancellation))),
            ("no map", Best(GridOfIdentity(_source, _target, prompts, cancellation))),
            ("another prompt's residual", Best(Grid(prompts, shuffled: true, cancellation: cancellation))),
            ("nothing patched", Agreement(_source, _target, prompts, cancellation)),
        ];

        static LayerGridCell Best(LayerGrid grid) => grid.Cells.MaxBy(cell => cell.PrecisionAt1.Mean)!;
    }

    /// <summary>The arms as a table.</summary>
    /// <param name="arms">Of <see cref="Arms"/>.</param>
    /// <returns>One row each.</returns>
    public static Table ToTable(IReadOnlyList<(string Arm, LayerGridCell Best)> arms) => Table.Of(
        arms,
        ("arm", arm => arm.Arm), ("precision@1", arm => arm.Best.PrecisionAt1), ("surprisal (nats)", arm => arm.Best.Surprisal),
        ("surprisal, paper's (nats)", arm => arm.Best.SurprisalPaper),
        ("layers", arm => arm == arms[^1] ? "" : $"{arm.Best.SourceLayer} into {arm.Best.TargetLayer}"));

    /// <summary>The same without a map: residuals as they are, filled up with zeros or cut where the models differ in width.</summary>
    /// <param name="source">The source model M.</param>
    /// <param name="target">The target model M*.</param>
    /// <param name="prompts">The source prompts.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>As <see cref="Grid"/>.</returns>
    /// <exception cref="LogitscopeException">As <see cref="Grid"/>; or the models do not have the same tokens.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static LayerGrid GridOfIdentity(
        LanguageModel source, LanguageModel target, IReadOnlyList<Prompt> prompts, CancellationToken cancellation = default)
    {
        CheckTokens(source, target);
        long[] missing = [0, target.HiddenSize - source.HiddenSize];
        var fitted = missing[1] == 0 ? Mapping.Identity : Mapping.Of("identity, filled up", residual => nn.functional.pad(residual, missing), ("width", target.HiddenSize));
        return LayerGrid.Run(source, target, prompts, prompts, (_, _) => fitted, into: null, ^1, cancellation);
    }

    /// <summary>The control that patches nothing: how often M* says by itself what M says.</summary>
    /// <param name="source">The source model M.</param>
    /// <param name="target">The target model M*.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>At the last layers of both.</returns>
    /// <exception cref="LogitscopeException">As <see cref="GridOfIdentity"/>.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static LayerGridCell Agreement(
        LanguageModel source, LanguageModel target, IReadOnlyList<Prompt> prompts, CancellationToken cancellation = default)
    {
        CheckTokens(source, target);
        using var scope = NewDisposeScope();
        using var asked = SourceRun.Read(source, prompts, ^1, cancellation);
        using var said = SourceRun.Read(target, prompts, ^1, cancellation);
        using var scorer = new NextTokenScorer(source.Unembed(asked.Last()));
        return LayerGridCell.Of(source.Layers - 1, target.Layers - 1, scorer.Score(target.Unembed(said.Last()), [.. prompts.Select((_, row) => row)]));
    }

    /// <summary>Prompts up to a random token, so that what comes next is not always the end.</summary>
    /// <param name="prompts">Whole prompts; those of one token stay.</param>
    /// <param name="seed">Draws the tokens.</param>
    /// <returns>As many, each of two tokens or more.</returns>
    public static IReadOnlyList<Prompt> CutAtRandom(IReadOnlyList<Prompt> prompts, long seed = SourcePositions.DefaultSeed)
    {
        var random = new PythonRandom(seed);
        return [.. prompts.Select(prompt => prompt.Count < 2 ? prompt : prompt.Truncate((int)random.RandInt(2, prompt.Count)))];
    }

    /// <summary>Frees the maps.</summary>
    public void Dispose()
    {
        foreach (var (weight, bias) in _maps)
        {
            weight.Dispose();
            bias.Dispose();
        }
    }

    // Rows of padding beyond the tokens are compared too: a prediction of one model must be a row of the other's.
    private static void CheckTokens(LanguageModel source, LanguageModel target)
    {
        if (source.VocabularySize != target.VocabularySize)
        {
            throw new PatchException(
                $"patching across models: expected the same tokens, got {source.VocabularySize} rows in {source.Architecture} and {target.VocabularySize} in {target.Architecture}");
        }

        for (var id = 0; id < source.VocabularySize; id++)
        {
            var (one, other) = (source.Tokenizer.TokenText(id), target.Tokenizer.TokenText(id));
            if (one != other)
            {
                throw new PatchException($"patching across models: expected the same tokens, got {one} and {other} for id {id}");
            }
        }
    }
}
