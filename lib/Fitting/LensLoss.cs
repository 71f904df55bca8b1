namespace Logitscope;

/// <summary>How far lenses are from the model's own distribution, <c>KL(softmax(W_U N(h_L)) || softmax(W_U N(f(h_l))))</c>.</summary>
internal static class LensLoss
{
    /// <summary>Walks the residuals of a run in pieces whose logits fit the processor's cache.</summary>
    /// <param name="model">The model.</param>
    /// <param name="run">The residuals.</param>
    /// <param name="layers">The layers that are read.</param>
    /// <param name="each">Told each layer's place in the list, its residuals, and the divergence of a map of them, summed over rows, in nats.</param>
    /// <param name="ahead">How many tokens further the distribution is that is to be foretold.</param>
    /// <returns>How many rows there were.</returns>
    public static int Each(
        LanguageModel model, SourceRun run, IReadOnlyList<int> layers, Action<int, Tensor, Func<Tensor, Tensor>> each, int ahead = 0)
    {
        var (sources, targets) = Pairs(run, ahead);
        foreach (var (from, to) in sources.Chunk(model.RowsToUnembed).Zip(targets.Chunk(model.RowsToUnembed)))
        {
            using var piece = NewDisposeScope();
            var rows = tensor(from, device: model.Device);
            var own = Distributions.LogProbabilities(model.Unembed(run.Last().index_select(0, tensor(to, device: model.Device))));
            var (probabilities, negativeEntropy) = (own.exp(), -Distributions.Entropy(own).sum());
            foreach (var (place, layer) in layers.Index())
            {
                using var here = NewDisposeScope();
                each(place, run.At(new(layer, Site.ResidPost)).index_select(0, rows), mapped =>
                {
                    var lens = Distributions.LogProbabilities(model.Unembed(mapped.to(model.Dtype)));
                    return negativeEntropy - Distributions.Expectation(probabilities, lens).sum();
                });
            }
        }

        return sources.Length;
    }

    /// <summary>The rows of a run that have another one of their prompt so many tokens further, and those.</summary>
    public static (long[] Sources, long[] Targets) Pairs(SourceRun run, int ahead)
    {
        var rows = run.Places.Index().ToDictionary(place => place.Item, place => (long)place.Index);
        var pairs = run.Places.Index().Where(place => rows.ContainsKey(Further(place.Item))).ToArray();
        return ([.. pairs.Select(place => (long)place.Index)], [.. pairs.Select(place => rows[Further(place.Item)])]);

        Place Further(Place place) => place with { Position = place.Position + ahead };
    }

    /// <summary>The mean divergence over the held-out prompts.</summary>
    /// <param name="data">The data.</param>
    /// <param name="layers">The layers that are read.</param>
    /// <param name="lens">The map of a layer, by its place in the list.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <param name="ahead">How many tokens further the distribution is that is to be foretold.</param>
    /// <returns>One a layer, in nats.</returns>
    public static double[] HeldOut(FitData data, IReadOnlyList<int> layers, Func<int, Mapping> lens, CancellationToken cancellation, int ahead = 0)
    {
        using var guard = no_grad();
        var (sums, rows) = (new double[layers.Count], 0);
        foreach (var run in data.Residuals(data.HeldOut, cancellation))
        {
            rows += Each(data.Model, run, layers, (place, residuals, kl) => sums[place] += kl(lens(place).Run(residuals, data.Model)).ToDouble(), ahead);
        }

        return [.. sums.Select(sum => sum / rows)];
    }

    /// <summary>The layers to fit: those asked for, or all but the last, whose map is the identity.</summary>
    /// <exception cref="ModelException">The model has no such layer.</exception>
    public static IReadOnlyList<int> LayersOf(LanguageModel model, IReadOnlyList<int>? asked)
    {
        int[] layers = asked is null ? [.. Enumerable.Range(0, model.Layers - 1)] : [.. asked.Distinct().Order()];
        Array.ForEach(layers, model.CheckLayer);
        return layers.Length > 0 ? layers : throw new FitException("layers: expected at least one below the last, got none");
    }
}
