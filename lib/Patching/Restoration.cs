namespace Logitscope;

/// <summary>
/// Activation patching at every layer and position: a corrupted run gets back the clean run's value at one token, in a window of
/// layers, and what it says next is read. Below its window a run is the corrupted one, so it begins there; the positions of a layer
/// run together.
/// </summary>
internal static class Restoration
{
    /// <summary>The layers around one, as the reference of causal tracing takes them: as many below as above, at an even width one more below.</summary>
    /// <param name="layer">0-based.</param>
    /// <param name="window">How many layers.</param>
    /// <param name="layers">How many the model has.</param>
    /// <returns>The first, and the one after the last.</returns>
    public static (int First, int End) Window(int layer, int window, int layers) =>
        (Math.Max(0, layer - (window / 2)), Math.Min(layers, layer + ((window + 1) / 2)));

    /// <summary>Runs every cell.</summary>
    /// <param name="model">The model.</param>
    /// <param name="site">What is restored: a site of the residual stream's width.</param>
    /// <param name="clean">Its clean value at every layer, <c>[position, hidden]</c>.</param>
    /// <param name="corrupted">resid_pre of the corrupted runs at every layer, <c>[samples, position, hidden]</c>.</param>
    /// <param name="from">The first position that is restored.</param>
    /// <param name="window">How many layers are restored at once.</param>
    /// <param name="read">Gets layer, position and the logits after the last token, <c>[samples, vocab]</c>, which live as long as the call.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <exception cref="NonFiniteException">Logits that are no distribution.</exception>
    public static void Run(
        LanguageModel model,
        Site site,
        IReadOnlyList<Tensor> clean,
        IReadOnlyList<Tensor> corrupted,
        int from,
        int window,
        Action<int, int, Tensor> read,
        CancellationToken cancellation)
    {
        var (samples, tokens) = (corrupted[0].size(0), (int)corrupted[0].size(1));
        var together = (int)Math.Max(1, model.TokensToRun / (samples * tokens));
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var (first, end) = Window(layer, window, model.Layers);
            foreach (var positions in Enumerable.Range(from, tokens - from).Chunk(together))
            {
                using var scope = NewDisposeScope();
                var here = arange(tokens, device: model.Device).unsqueeze(0)
                    .eq(tensor(positions, device: model.Device).unsqueeze(1)) // [positions, tokens]
                    .repeat_interleave(samples, 0).unsqueeze(-1);
                Edit[] edits = [.. Enumerable.Range(first, end - first).Select(l => new Edit(new(l, site), own => where(here, clean[l], own)))];
                var rows = corrupted[first].repeat(positions.Length, 1, 1); // by position, then sample
                var last = model.Climb(rows, first, new Pass(edits: edits), cancellation).select(1, tokens - 1);
                var logits = model.Unembed(last); // [rows, vocab]
                Distributions.RequireFinite(logits.amax([-1]));
                foreach (var (i, position) in positions.Index())
                {
                    read(layer, position, logits.narrow(0, i * samples, samples));
                }
            }
        }
    }
}
