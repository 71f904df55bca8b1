namespace Logitscope;

/// <summary>
/// Entropy by layer: <c>H_l = -sum p ln p</c> of what a technique, the logit lens by default, reads from each layer at the last token
/// of a prompt. Ali et al., arXiv 2502.16570, who classify by it; here it is shown with its intervals.
/// </summary>
public static class EntropyByLayer
{
    private const int Together = 64;

    private static readonly LayerMetric s_entropy = new("entropy_nats", "entropy", "entropy (nats)", "How undecided each layer is");

    /// <summary>Measures it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="examples">The prompts, cut to the model's context; a BOS is put before texts.</param>
    /// <param name="technique">How the layers are read. Default: the logit lens.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The entropies.</returns>
    /// <exception cref="LogitscopeException">A prompt cannot be encoded, or there is none.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static EntropyResult EntropyOfLayers(
        this LanguageModel model, IEnumerable<Example> examples, NextTokenTechnique? technique = null, CancellationToken cancellation = default)
    {
        technique = (technique ?? NextTokenTechnique.LogitLens).WithBos(Bos.Always);
        using var reader = new NextTokenReader(model);
        var target = reader.TargetOf(technique);
        var rows = new List<double[]>(); // [prompt][layer]
        var all = examples.Select(example => model.Checked(example.ToPrompt(model.Tokenizer, Bos.Always, model.ContextLength), example.Id));
        foreach (var prompts in all.Chunk(Together))
        {
            using var scope = NewDisposeScope();
            using var source = SourceRun.Read(model, prompts, [.. prompts.Select((_, i) => new Place(i, -1))], cancellation, NextTokenReader.SitesOf(model, technique));
            int[][] places = [.. Enumerable.Repeat(Enumerable.Range(0, prompts.Length).ToArray(), model.Layers)];
            var last = reader.Read(technique, source, prompts, places, cancellation).reshape(model.Layers, prompts.Length, -1);
            var entropies = stack([.. Enumerable.Range(0, model.Layers)
                .Select(layer => Distributions.Entropy(Distributions.LogProbabilities(target.Unembed(last.select(0, layer)))))], dim: 1);
            rows.AddRange(entropies.to(float64, CPU).contiguous().data<double>().ToArray().Chunk(model.Layers));
        }

        return rows.Count > 0 ? new EntropyResult(technique.Name, rows) : throw new PatchException("entropy: expected at least one prompt, got none");
    }

    /// <summary>The curve of one or several techniques.</summary>
    /// <param name="results">Their entropies.</param>
    /// <returns>Means by layer with pointwise 95 % bands over prompts.</returns>
    public static ChartFigure Chart(params IReadOnlyList<EntropyResult> results) => LayerCurves.Draw(
        s_entropy,
        results.SelectMany(result => result.Means.Select((mean, layer) => new LayerScore(result.Method, layer, mean, result.Prompts.Count))),
        $"{results[0].Prompts.Count} prompts, last token; 95 % bands, pointwise, over prompts");
}

/// <summary>Entropies of the readings of every layer.</summary>
/// <param name="Method">The technique that read.</param>
/// <param name="Prompts">Of each prompt the entropy of each layer, in nats.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record EntropyResult(string Method, IReadOnlyList<IReadOnlyList<double>> Prompts) : IDisplay
{
    /// <summary>The mean of each layer with its 95 % interval.</summary>
    public IReadOnlyList<Interval> Means =>
    [
        .. Enumerable.Range(0, Prompts[0].Count)
            .Select(layer => new Sample([.. Prompts.Select(prompt => prompt[layer])]).Hall().Within(0, double.PositiveInfinity)),
    ];

    /// <inheritdoc/>
    public string ToHtml() => EntropyByLayer.Chart(this).ToHtml();

    /// <inheritdoc/>
    public string ToText() => EntropyByLayer.Chart(this).ToText();
}
