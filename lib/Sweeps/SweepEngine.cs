namespace Logitscope;

/// <summary>
/// Runs the batches of a plan: the source once for all methods and layers, then of each target what the patches can
/// change, then the unembedding in chunks that end in scores. Full logits are never kept.
/// </summary>
/// <param name="plan">What to run.</param>
internal sealed class SweepEngine(SweepPlan plan) : IDisposable
{
    private readonly NextTokenReader _reader = new(plan.Model);
    private int _together = plan.Options.BatchSize;

    /// <summary>How many prompts of a batch run together.</summary>
    internal int Together => _together;

    /// <summary>All cells of a batch: by prompt, then position in the order drawn, then method, then layer.</summary>
    /// <remarks>Where memory runs out, half as many prompts run together from then on.</remarks>
    public IReadOnlyList<SweepRow> Run(int block, CancellationToken cancellation)
    {
        using var inference = inference_mode();
        while (true)
        {
            try
            {
                return [.. plan.PromptsOf(block).Chunk(_together).SelectMany(prompts => RunTogether(prompts, cancellation))];
            }
            catch (Exception error) when (_together > 1 && TorchRuntime.ErrorOf(error) is TorchOutOfMemoryException)
            {
                _together = (_together + 1) / 2;
                FreeWhatIsLost();
            }
        }
    }

    /// <summary>Frees what the targets cost once.</summary>
    public void Dispose() => _reader.Dispose();

    private SweepRow[] RunTogether(int[] prompts, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var (techniques, layers) = (plan.Options.Techniques, plan.Model.Layers);
        var places = new Dictionary<Place, int>();
        var draws = prompts.Index()
            .SelectMany(
                prompt => Enumerable.Range(0, plan.DrawsOf(prompt.Item)),
                (prompt, draw) => (prompt.Index, Prompt: prompt.Item, Draw: draw))
            .ToArray();
        int[][][] numbers = // [method][layer][draw]
        [
            .. techniques.Index().Select(method => Enumerable.Range(0, layers).Select(layer => draws
                .Select(draw => NumberOf(new(draw.Index, plan.PositionOf(method.Index, layer, draw.Prompt, draw.Draw))))
                .ToArray()).ToArray()),
        ];

        var sources = prompts.Select(prompt => plan.Prompts[prompt]).ToArray();
        using var source = SourceRun.Read(plan.Model, sources, [.. places.Keys], cancellation, plan.Sites);
        using var scorer = ScorerOf(source, prompts);
        var rows = new SweepRow[draws.Length * plan.CellsPerPosition];
        foreach (var (method, technique) in techniques.Index())
        {
            using var cells = NewDisposeScope();
            var last = _reader.Read(technique, source, sources, numbers[method], cancellation); // by layer, then draw
            var scores = Score(_reader.TargetOf(technique), last, [.. numbers[method].SelectMany(n => n)], scorer, Where, cancellation);
            foreach (var (cell, score) in scores.Index())
            {
                var (layer, i) = Math.DivRem(cell, draws.Length);
                var (_, prompt, draw) = draws[i];
                rows[(((i * techniques.Count) + method) * layers) + layer] =
                    new SweepRow(technique.Name, layer, prompt, plan.PositionOf(method, layer, prompt, draw), score);
            }

            string Where(int cell)
            {
                var (layer, row) = Math.DivRem(cell, numbers[method][0].Length);
                var place = source.Places[numbers[method][layer][row]];
                return $"{technique.Name} at layer {layer}, position {place.Position} of prompt {prompts[place.Prompt]}";
            }
        }

        return rows;

        int NumberOf(Place place)
        {
            places.TryAdd(place, places.Count);
            return places[place];
        }
    }

    private NextTokenScorer ScorerOf(SourceRun source, int[] prompts)
    {
        try
        {
            return new NextTokenScorer(plan.Model.Unembed(source.Last()));
        }
        catch (NonFiniteException error)
        {
            var place = source.Places[error.Row];
            var prompt = plan.Prompts[prompts[place.Prompt]].Truncate(place.Position + 1);
            try
            {
                plan.Model.Forward(prompt.ToTensor(), new() { Logits = LogitsOf.LastPosition });
            }
            catch (ModelException located)
            {
                throw new SweepException($"prompt {prompts[place.Prompt]}: {located.Message}", located);
            }

            throw new SweepException(
                $"logits of prompt {prompts[place.Prompt]} at position {place.Position}: expected finite numbers, got {error.Number}");
        }
    }

    // A constructor that fails leaves its tensors to the garbage collector, which does not know how large they are.
    private static void FreeWhatIsLost()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static IEnumerable<NextTokenScore> Score(
        LanguageModel target,
        Tensor last,
        int[] sources,
        NextTokenScorer scorer,
        Func<int, string> where,
        CancellationToken cancellation)
    {
        var together = target.RowsToUnembed;
        for (var row = 0; row < sources.Length; row += together)
        {
            cancellation.ThrowIfCancellationRequested();
            using var chunk = NewDisposeScope();
            var here = sources[row..Math.Min(row + together, sources.Length)];
            foreach (var score in Scores(target.Unembed(last.narrow(0, row, here.Length)), here, row))
            {
                yield return score;
            }
        }

        IReadOnlyList<NextTokenScore> Scores(Tensor logits, int[] here, int first)
        {
            try
            {
                return scorer.Score(logits, here);
            }
            catch (NonFiniteException error)
            {
                throw new SweepException($"logits of {where(first + error.Row)}: expected finite numbers, got {error.Number}");
            }
        }
    }
}
