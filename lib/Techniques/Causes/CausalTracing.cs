namespace Logitscope;

/// <summary>
/// Causal tracing: noise on the subject's embeddings makes the model forget its answer; one clean value put back at (layer, token)
/// may bring it back. As a Patchscope: T = S + noise, l* = l, i* = i, f the identity. Meng et al., arXiv 2202.05262, section 2.1.
/// </summary>
public static class CausalTracing
{
    /// <summary>Traces the answer to a prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The prompt; the answer is the model's own most probable next token.</param>
    /// <param name="subject">The tokens that get noise, BOS counted, such as <c>3..5</c>; <see cref="Prompt.SpanOf"/> finds them.</param>
    /// <param name="options">What is restored, and how much noise there is.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The answer's probability in every run.</returns>
    /// <exception cref="LogitscopeException">The subject lies outside the prompt, an option outside its range, or the noise has another shape.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static CausalTrace Trace(
        this LanguageModel model, Prompt prompt, Range subject, CausalTraceOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var (start, end) = options.Check(model, prompt, subject);
        using var scope = NewDisposeScope();
        var layers = Enumerable.Range(0, model.Layers).ToArray();
        Hook[] below = [.. layers.Select(layer => new Hook(layer, Site.ResidPre))];
        Hook[] restored = [.. layers.Select(layer => new Hook(layer, options.Site))];
        var ids = prompt.ToTensor();

        var clean = model.Forward(ids, new() { Keep = restored, Logits = LogitsOf.LastPosition });
        var answer = NextTokenDistribution.Of(clean.Logits.reshape(-1), prompt.Tokenizer, "the clean run").Top(1)[0];

        var noise = options.NoiseFor(model, ids.narrow(1, start, end - start)); // [samples, subject, hidden]
        var spoil = Edit.Add(below[0], noise) with { Positions = [.. Enumerable.Range(start, end - start).Select(i => new Index(i))] };
        var corrupted = model.Forward(ids.expand(noise.size(0), -1), new() { Edits = [spoil], Keep = below, Logits = LogitsOf.LastPosition });
        var forgotten = Answer(corrupted.Logits.squeeze(1));

        // What stands before the subject is clean in every run: to restore it changes nothing.
        double[][][] probabilities = [.. layers.Select(_ => Enumerable.Repeat(forgotten, prompt.Count).ToArray())]; // [layer][position][sample]
        Restoration.Run(
            model, options.Site, [.. restored.Select(hook => clean[hook].squeeze(0))], [.. below.Select(hook => corrupted[hook])], start, options.Window,
            (layer, position, logits) => probabilities[layer][position] = Answer(logits), cancellation);

        return new CausalTrace(
            prompt, options.Site, options.Window, start, end, answer,
            Mean(forgotten),
            [.. probabilities.Select(layer => layer.Select(Mean).ToArray())],
            [.. probabilities.Select(layer => layer.Select(p => new Sample([.. p.Zip(forgotten, (after, before) => after - before)]).Student()).ToArray())]);

        double[] Answer(Tensor logits) =>
            Distributions.LogProbabilities(logits).select(-1, answer.Id).exp().to(float64, CPU).contiguous().data<double>().ToArray();

        static Interval Mean(double[] samples) => new Sample(samples).Student().Within(0, 1);
    }
}

/// <summary>What is restored, and how much noise there is.</summary>
public sealed record CausalTraceOptions
{
    /// <summary>What is restored: resid_post, attn_out or mlp_out. The default is resid_post.</summary>
    public Site Site { get; init; } = Site.ResidPost;

    /// <summary>
    /// How many layers around one are restored together; the default is 1. The paper takes 10 of 48 for attn_out and mlp_out: in a small
    /// model that would be all of it.
    /// </summary>
    public int Window { get; init; } = 1;

    /// <summary>The noise's standard deviation, in those of all numbers of the subject's token embeddings. The default is the paper's 3.</summary>
    public double NoiseScale { get; init; } = 3;

    /// <summary>How many draws of noise; the default is the paper's 10.</summary>
    public int Samples { get; init; } = 10;

    /// <summary>The seed of the draws.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The noise itself, <c>[samples, subject, hidden]</c>, in place of draws.</summary>
    public Tensor? Noise { get; init; }

    private const int MostSamples = 1 << 16; // more would be a mistake, and out of memory

    internal (int Start, int End) Check(LanguageModel model, Prompt prompt, Range subject)
    {
        model.CheckHook(new(0, Site));
        if (!Site.HasHidden() || Window < 1 || Samples is < 1 or > MostSamples || !(NoiseScale >= 0 && double.IsFinite(NoiseScale)))
        {
            throw new PatchException(
                $"a causal trace: expected a site of the residual stream's width, a window from 1, 1 to {MostSamples} samples and a noise scale from 0, "
                + $"got {Site.Name()}, {Window}, {Samples} and {NoiseScale}");
        }

        var (start, end) = (subject.Start.GetOffset(prompt.Count), subject.End.GetOffset(prompt.Count));
        return start >= 0 && start < end && end <= prompt.Count ? (start, end) : throw new PositionException(
            $"a subject: expected a first token from 0 and an end after it up to {prompt.Count}, of {prompt.Count} tokens, BOS counted, got {start}:{end}");
    }

    internal Tensor NoiseFor(LanguageModel model, Tensor subject)
    {
        using var scope = NewDisposeScope();
        long[] shape = [Samples, subject.size(1), model.HiddenSize];
        if (Noise is { } given)
        {
            LanguageModel.CheckResiduals(given, "noise", [given.IsInvalid || given.Dimensions != 3 ? Samples : Math.Max(1, given.size(0)), .. shape[1..]]);
            return given.to(model.Dtype, model.Device).clone().MoveToOuterDisposeScope();
        }

        using var generator = new Generator((ulong)Seed, CPU);
        var deviation = model.EmbedTokens(subject.to(model.Device)).to(float64).std().ToDouble();
        return (randn(shape, float64, generator: generator) * (NoiseScale * deviation)).to(model.Dtype, model.Device).MoveToOuterDisposeScope();
    }
}

/// <summary>What a causal trace found. Intervals are over draws of noise: they say nothing of other prompts.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Site">What was restored.</param>
/// <param name="Window">In how many layers at once.</param>
/// <param name="Start">The subject's first token.</param>
/// <param name="End">The token after its last.</param>
/// <param name="Answer">The clean run's most probable next token; its probability is that of the clean run.</param>
/// <param name="Corrupted">The answer's probability with noise and nothing restored: the control.</param>
/// <param name="Restored">The answer's probability by layer and position.</param>
/// <param name="Effects">The indirect effect, restored less corrupted, by layer and position.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record CausalTrace(
    Prompt Prompt,
    Site Site,
    int Window,
    int Start,
    int End,
    TokenProbability Answer,
    Interval Corrupted,
    IReadOnlyList<IReadOnlyList<Interval>> Restored,
    IReadOnlyList<IReadOnlyList<Interval>> Effects) : IDisplay
{
    /// <summary>The heat map of the indirect effect, layers over positions; the subject's tokens have a star.</summary>
    /// <returns>The figure.</returns>
    public ChartFigure Chart() => new HeatFigure
    {
        Title = $"How far {Site.Name()} brings back the answer {Answer.Token}",
        Subtitle = $"p {Answer.Probability:0.000} clean, {Numbers.Short(Corrupted)} with noise on the starred tokens; "
            + (Window == 1 ? "one layer" : $"{Window} layers") + " restored at a time",
        Columns = new("token of the prompt (* noise)", [.. Prompt.Tokens.Select(token =>
            new HeatLabel(token.Text + (token.Position >= Start && token.Position < End ? "*" : ""), $"{token.Position}"))]),
        Rows = new($"layer ({Site.Name()}, 0-based)", [.. Enumerable.Range(0, Effects.Count).Select(layer => new HeatLabel($"{layer}"))]),
        Scale = ColorScale.Change("indirect effect (probability)", Math.Max(1e-3, Effects.Max(layer => layer.Max(effect => Math.Abs(effect.Mean))))),
        Cells =
        [
            .. Effects.SelectMany((layer, l) => layer.Select((effect, position) => new HeatCell(position, l, effect.Mean, $"{effect.Mean:0.00}",
            [
                $"layer {l}, position {position}, {Prompt.Tokens[position].Text}",
                $"p({Answer.Token}) {Numbers.Short(Restored[l][position])}",
                $"indirect effect {Numbers.Short(effect)}",
            ]))),
        ],
    };

    /// <inheritdoc/>
    public string ToHtml() => Chart().ToHtml();

    /// <inheritdoc/>
    public string ToText() => Chart().ToText();
}
