namespace Logitscope;

/// <summary>
/// Attribution patching: what one clean value would do to a corrupted run, foretold by its gradient, <c>(clean - corrupted) dm / dh</c>,
/// at every layer and position at once; and what it does, by exact patching. m is the difference of two logits after the last token.
/// Nanda 2023; Kramár et al., arXiv 2403.00745.
/// </summary>
public static class AttributionPatching
{
    /// <summary>Foretells and measures every cell.</summary>
    /// <param name="model">The model.</param>
    /// <param name="clean">The prompt whose values are put in.</param>
    /// <param name="corrupted">The prompt that gets them; of as many tokens.</param>
    /// <param name="answer">The id whose logit counts.</param>
    /// <param name="foil">The id whose logit is taken off.</param>
    /// <param name="site">What is patched: a site of the residual stream's width.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>Estimate and truth.</returns>
    /// <exception cref="LogitscopeException">The prompts differ in length, an id is not the model's, or the site has another width.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static AttributionResult AttributePatching(
        this LanguageModel model, Prompt clean, Prompt corrupted, int answer, int foil, Site site = Site.ResidPost, CancellationToken cancellation = default)
    {
        if (clean.Count != corrupted.Count || !site.HasHidden() || Math.Min(answer, foil) < 0 || Math.Max(answer, foil) >= model.VocabularySize)
        {
            throw new PatchException(
                $"attribution patching: expected prompts of one length, a site of the residual stream's width and ids below {model.VocabularySize}, "
                + $"got {clean.Count} and {corrupted.Count} tokens, {site.Name()}, {answer} and {foil}");
        }

        model.CheckHook(new(0, site));
        using var scope = NewDisposeScope();
        var layers = Enumerable.Range(0, model.Layers).ToArray();
        Hook[] patched = [.. layers.Select(layer => new Hook(layer, site))];
        Hook[] below = [.. layers.Select(layer => new Hook(layer, Site.ResidPre))];
        var right = model.Forward(clean, new() { Keep = patched, Logits = LogitsOf.LastPosition });
        var wrong = model.Forward(corrupted, new() { Keep = below, Logits = LogitsOf.LastPosition });
        var run = model.Forward(corrupted, new() { Gradients = patched, Logits = LogitsOf.LastPosition });
        var gradients = run.Gradient(run.Logits[0, 0, answer] - run.Logits[0, 0, foil]);
        double[][] estimates =
        [
            .. patched.Select(hook => ((right[hook] - run[hook]) * gradients[hook]).detach().squeeze(0).sum(-1).to(float64, CPU).contiguous().data<double>().ToArray()),
        ];

        var before = Difference(wrong.Logits.squeeze(0));
        double[][] exact = [.. layers.Select(_ => new double[clean.Count])];
        Restoration.Run(
            model, site, [.. patched.Select(hook => right[hook].squeeze(0))], [.. below.Select(hook => wrong[hook])], 0, 1,
            (layer, position, logits) => exact[layer][position] = Difference(logits) - before, cancellation);
        return new AttributionResult(
            corrupted, site, clean.Tokenizer.TokenText(answer), clean.Tokenizer.TokenText(foil), Difference(right.Logits.squeeze(0)), before, estimates, exact);

        double Difference(Tensor logits) => (logits[0, answer] - logits[0, foil]).ToDouble();
    }
}

/// <summary>What attribution patching foretold and what patching did, in logits.</summary>
/// <param name="Prompt">The corrupted prompt.</param>
/// <param name="Site">What was patched.</param>
/// <param name="Answer">The token whose logit counts.</param>
/// <param name="Foil">The token whose logit is taken off.</param>
/// <param name="Clean">The difference in the clean run.</param>
/// <param name="Corrupted">The difference in the corrupted run.</param>
/// <param name="Estimates">The foretold change by layer and position.</param>
/// <param name="Exact">The change by layer and position.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record AttributionResult(
    Prompt Prompt,
    Site Site,
    string Answer,
    string Foil,
    double Clean,
    double Corrupted,
    IReadOnlyList<IReadOnlyList<double>> Estimates,
    IReadOnlyList<IReadOnlyList<double>> Exact) : IDisplay
{
    /// <summary>Spearman's rank correlation of estimates and truth over all cells, by size without the sign; NaN where all are alike.</summary>
    public double RankCorrelation => RankCorrelations.Spearman(
        [.. Estimates.SelectMany(layer => layer).Select(Math.Abs)], [.. Exact.SelectMany(layer => layer).Select(Math.Abs)]);

    /// <summary>Estimate over truth, a point a cell.</summary>
    /// <returns>The figure.</returns>
    public ChartFigure Chart() => CurveFigure.Of(
        $"Foretold by the gradient, and done by the patch: {Site.Name()}",
        "change by exact patching (logits)",
        "change foretold by attribution patching (logits)",
        new Curve(
            $"one cell of {Estimates.Count} layers x {Prompt.Count} tokens",
            new LineLook("#0072B2", Dash.None),
            [
                .. Exact.SelectMany((layer, l) => layer.Select((exact, position) => new CurvePoint(
                    exact, Interval.Open(Estimates[l][position]), $"layer {l}, position {position}, {Prompt.Tokens[position].Text}"))),
            ])) with
    {
        Subtitle = $"logit of {Answer} less that of {Foil}: {Clean:0.00} clean, {Corrupted:0.00} corrupted; rank correlation of sizes {RankCorrelation:0.00}",
    };

    /// <inheritdoc/>
    public string ToHtml() => Chart().ToHtml();

    /// <inheritdoc/>
    public string ToText() => Chart().ToText();
}
