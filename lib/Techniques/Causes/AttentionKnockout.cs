namespace Logitscope;

/// <summary>
/// Attention knockout: edges from one token to others are cut before the softmax, in a window of layers around each, and the answer
/// loses what came over them. As a Patchscope: T = S, f = 0 on the edges. Geva et al., arXiv 2304.14767, section 3.
/// </summary>
public static class AttentionKnockout
{
    /// <summary>The paper's window, of 48 layers.</summary>
    public const int PaperWindow = 9;

    /// <summary>Cuts edges around every layer.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The prompt; the answer is the model's own most probable next token.</param>
    /// <param name="query">The token that attends; <c>^1</c> is the last.</param>
    /// <param name="keys">The tokens that it no longer attends to.</param>
    /// <param name="window">Around layer l, layers <c>l - window / 2</c> to <c>l + window / 2</c> are cut, all heads, halves rounded down.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The answer's probability for every layer.</returns>
    /// <exception cref="LogitscopeException">A position lies outside the prompt, the window is below 1, or the query is left with nothing to attend to.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static KnockoutResult Knockout(
        this LanguageModel model, Prompt prompt, Index query, IReadOnlyList<Index> keys, int window = 1, CancellationToken cancellation = default)
    {
        if (window < 1)
        {
            throw new PatchException($"a knockout's window: expected at least 1 layer, got {window}");
        }

        var from = prompt.ResolvePosition(query);
        int[] to = [.. keys.Select(prompt.ResolvePosition).Distinct()];
        if (Enumerable.Range(0, from + 1).All(to.Contains))
        {
            throw new PatchException($"a knockout: expected a token that {prompt.Tokens[from].Text} at {from} still attends to, got all of them cut");
        }

        // Tokens before the query never see the cut: their keys and values serve every layer.
        using var scope = NewDisposeScope();
        using var before = new KeyValueCache();
        var ids = prompt.ToTensor();
        if (from > 0)
        {
            model.Forward(ids.narrow(1, 0, from), new() { Cache = before, Logits = LogitsOf.NoPosition });
        }

        Hook[] below = [.. Enumerable.Range(0, model.Layers).Select(layer => new Hook(layer, Site.ResidPre))];
        using var own = before.Branch();
        var whole = model.Forward(
            ids.narrow(1, from, prompt.Count - from), new() { Cache = own, Keep = below, Logits = LogitsOf.LastPosition });
        var baseline = NextTokenDistribution.Of(whole.Logits.reshape(-1), prompt.Tokenizer, "the prompt").Top(1)[0];

        return new KnockoutResult(prompt, from, to, window, baseline, [.. below.Select(hook => Cut(hook.Layer))]);

        KnockoutLayer Cut(int layer)
        {
            using var one = NewDisposeScope();
            using var branch = before.Branch();
            var (first, last) = (Math.Max(0, layer - (window / 2)), Math.Min(model.Layers - 1, layer + (window / 2)));
            var edits = Enumerable.Range(first, last - first + 1)
                .Select(l => Edit.Block(l, [.. to.Select(key => new Index(key))], from).Resolve(model, from, prompt.Count, prompt.Count)).ToArray();
            var residual = model.Climb(whole[below[first]].alias(), first, new Pass(branch, edits), cancellation);
            var next = NextTokenDistribution.Of(
                model.Unembed(residual.select(1, residual.size(1) - 1)).reshape(-1), prompt.Tokenizer, $"the knockout around layer {layer}");
            var probability = Math.Exp(next.LogProbabilities[baseline.Id]);
            return new KnockoutLayer(layer, probability, (probability - baseline.Probability) / baseline.Probability);
        }
    }

    /// <summary>The relative change of the answer's probability by layer, a curve a group of edges.</summary>
    /// <param name="groups">For each group of edges, such as those to the subject, one result a prompt, all of one model.</param>
    /// <returns>Means with pointwise 95 % bands over prompts.</returns>
    public static ChartFigure Chart(params IReadOnlyList<(string Name, IReadOnlyList<KnockoutResult> Results)> groups)
    {
        var curves = groups.Zip(MethodLooks.For([.. groups.Select(group => group.Name)]), (group, look) => new Curve(
            group.Name, look,
            [
                .. group.Results[0].Layers.Select(layer => layer.Layer).Select(layer => Point(layer, [.. group.Results.Select(result => result.Layers[layer].Change)])),
            ])).ToArray();
        return CurveFigure.Of("What the answer loses when attention is cut", "layer in the middle of the window", "relative change of p(answer)", curves) with
        {
            Subtitle = $"{string.Join(", ", groups.Select(group => $"{group.Results.Count} prompts ({group.Name})"))}; "
                + $"window {groups[0].Results[0].Window}; 95 % bands, pointwise, over prompts",
        };

        static CurvePoint Point(int layer, double[] changes)
        {
            var mean = new Sample(changes).Student();
            return new CurvePoint(layer, mean, $"change {Numbers.Short(mean)}, n {changes.Length}");
        }
    }
}

/// <summary>What a knockout did.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Query">The token that attended.</param>
/// <param name="Keys">The tokens that it no longer attended to.</param>
/// <param name="Window">How many layers were cut at once.</param>
/// <param name="Baseline">The most probable next token with nothing cut.</param>
/// <param name="Layers">One a layer.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record KnockoutResult(
    Prompt Prompt, int Query, IReadOnlyList<int> Keys, int Window, TokenProbability Baseline, IReadOnlyList<KnockoutLayer> Layers) : IDisplay
{
    /// <summary>The numbers.</summary>
    /// <returns>One row a layer.</returns>
    public Table ToTable() => Table.Of(
        Layers, ("layer", layer => layer.Layer), ($"p({Baseline.Token})", layer => layer.Probability), ("change", layer => layer.Change)) with
    {
        Title = $"{Prompt.Tokens[Query].Text} at {Query} no longer attends to {string.Join(", ", Keys.Select(key => $"{Prompt.Tokens[key].Text} at {key}"))}; "
            + $"p({Baseline.Token}) {Baseline.Probability:0.000} with nothing cut",
    };

    /// <inheritdoc/>
    public string ToHtml() => ToTable().ToHtml();

    /// <inheritdoc/>
    public string ToText() => ToTable().ToText();
}

/// <summary>One layer of a knockout.</summary>
/// <param name="Layer">The 0-based block in the middle of the window.</param>
/// <param name="Probability">The baseline's token's, p'.</param>
/// <param name="Change">(p' - p) / p.</param>
public sealed record KnockoutLayer(int Layer, double Probability, double Change);
