namespace Logitscope;

/// <summary>
/// Runs techniques over residuals of one source model. A technique describes its cells; here is decided how they run:
/// all that go into one prompt climb its layers together, and what a prompt costs once is kept for the next call.
/// </summary>
/// <param name="model">The source model.</param>
public sealed class NextTokenReader(LanguageModel model) : IDisposable
{
    private readonly Dictionary<(LanguageModel Model, string Ids, Index Position), Wavefront> _wavefronts = [];

    /// <summary>Reads residuals of every layer.</summary>
    /// <param name="technique">How.</param>
    /// <param name="source">The residuals.</param>
    /// <param name="prompts">The prompts of the run.</param>
    /// <param name="places">For each layer, which places of the run to read there: their numbers.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>
    /// What the target's last block says at its last token, <c>[rows, hidden]</c>: by layer, then in the order of the
    /// places. <see cref="TargetOf"/> unembeds it.
    /// </returns>
    /// <exception cref="LogitscopeException">A layer, a position or a width does not fit the target.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Tensor Read(
        NextTokenTechnique technique,
        SourceRun source,
        IReadOnlyList<Prompt> prompts,
        IReadOnlyList<IReadOnlyList<int>> places,
        CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var own = new Dictionary<Place, Wavefront>();
        var parts = new List<(Wavefront? Target, LayerPatch Patch)>();
        try
        {
            foreach (var (layer, numbers) in places.Index())
            {
                var hook = new Hook(layer, Site.ResidPost);
                var reading = technique.ReadingOf(model, layer);
                var residuals = reading.Mapping.Run(
                    source.At(hook with { Site = reading.Site }).index_select(0, tensor([.. numbers.Select(n => (long)n)], device: model.Device)),
                    (reading as Reading.InPrompt)?.Model ?? model);
                switch (reading)
                {
                    case Reading.InPrompt prompt:
                        parts.Add((WavefrontOf(prompt), new(hook with { Layer = prompt.TargetLayer }, residuals)));
                        break;
                    case Reading.InSource { TargetLayer: var target }:
                        parts.AddRange(numbers.Select((number, row) => (
                            (Wavefront?)OwnOf(source.Places[number], place => prompts[place.Prompt].Truncate(place.Position + 1)),
                            new LayerPatch(hook with { Layer = target }, residuals.narrow(0, row, 1)))));
                        break;
                    case Reading.InPlace padded:
                        parts.AddRange(numbers.Select((number, row) => (
                            (Wavefront?)OwnOf(new(-1, source.Places[number].Position), place => padded.At(model, place.Position)),
                            new LayerPatch(hook with { Layer = padded.TargetLayer }, residuals.narrow(0, row, 1)))));
                        break;
                    case Reading.Direct:
                        parts.Add((null, new(hook, residuals)));
                        break;
                    default:
                        throw new PatchException($"{technique.Name}: expected a reading that can be run, got {reading.GetType().Name}");
                }
            }

            return Run(parts, cancellation).MoveToOuterDisposeScope();
        }
        finally
        {
            foreach (var wavefront in own.Values)
            {
                wavefront.Dispose();
            }
        }

        Wavefront OwnOf(Place place, Func<Place, Prompt> target)
        {
            if (!own.TryGetValue(place, out var wavefront))
            {
                wavefront = new Wavefront(model, target(place), ^1);
                own.Add(place, wavefront);
            }

            return wavefront;
        }
    }

    /// <summary>What <see cref="SourceRun"/> has to read for techniques beside input and output of each block.</summary>
    internal static IReadOnlyCollection<Site> SitesOf(LanguageModel model, params IEnumerable<NextTokenTechnique> techniques) =>
    [
        .. techniques.SelectMany(technique => Enumerable.Range(0, model.Layers).Select(layer => technique.ReadingOf(model, layer).Site))
            .Where(site => site is not (Site.ResidPre or Site.ResidPost)).Distinct(),
    ];

    /// <summary>The model that a technique's readings end in.</summary>
    /// <param name="technique">The technique.</param>
    /// <returns>The source model, unless the technique names another.</returns>
    /// <exception cref="PatchException">Its vocabulary is not as large as the source model's.</exception>
    public LanguageModel TargetOf(NextTokenTechnique technique)
    {
        var target = (technique.ReadingOf(model, layer: 0) as Reading.InPrompt)?.Model ?? model;
        return target.VocabularySize == model.VocabularySize
            ? target
            : throw new PatchException(
                $"{technique.Name}: expected a target model with the source's {model.VocabularySize} tokens, "
                + $"got one with {target.VocabularySize}");
    }

    /// <summary>Frees what was kept.</summary>
    public void Dispose()
    {
        foreach (var wavefront in _wavefronts.Values)
        {
            wavefront.Dispose();
        }

        _wavefronts.Clear();
    }

    // Each target's rows run together and come back to the order of the parts.
    private static Tensor Run(List<(Wavefront? Target, LayerPatch Patch)> parts, CancellationToken cancellation)
    {
        var starts = new int[parts.Count + 1];
        for (var part = 0; part < parts.Count; part++)
        {
            starts[part + 1] = starts[part] + (int)parts[part].Patch.Residuals.size(0);
        }

        var done = new List<Tensor>();
        var back = new long[starts[^1]];
        var row = 0;
        foreach (var group in parts.Index().GroupBy(part => part.Item.Target))
        {
            LayerPatch[] patches = [.. group.Select(part => part.Item.Patch)];
            done.Add(group.Key?.Run(patches, cancellation) ?? cat([.. patches.Select(patch => patch.Residuals)]));
            foreach (var (part, _) in group)
            {
                for (var place = starts[part]; place < starts[part + 1]; place++)
                {
                    back[place] = row++;
                }
            }
        }

        return done.Count == 1 ? done[0] : cat(done).index_select(0, tensor(back, device: done[0].device));
    }

    private Wavefront WavefrontOf(Reading.InPrompt prompt)
    {
        var key = (prompt.Model ?? model, string.Join(' ', prompt.Target.Ids), prompt.Position);
        if (!_wavefronts.TryGetValue(key, out var wavefront))
        {
            wavefront = new Wavefront(key.Item1, prompt.Target, prompt.Position);
            _wavefronts.Add(key, wavefront);
        }

        return wavefront;
    }
}
