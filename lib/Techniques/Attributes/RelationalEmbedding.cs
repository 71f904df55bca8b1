namespace Logitscope;

/// <summary>
/// A linear relational embedding: near a subject's residual s, what the last token ends with is <c>z = beta W s + b</c>, W the mean of the
/// Jacobians <c>dz / ds</c> over a few prompts, b that of <c>z - (dz / ds) s</c>. Hernandez et al., arXiv 2308.09124, section 3.
/// </summary>
/// <param name="Layer">The 0-based block l; s is its resid_post at the subject's last token.</param>
/// <param name="Weight">W, <c>[hidden, hidden]</c>: from s to resid_post of the last block at the prompt's last token, before the final norm.</param>
/// <param name="Bias">b, <c>[hidden]</c>.</param>
public sealed record RelationalEmbedding(int Layer, Tensor Weight, Tensor Bias) : IDisposable
{
    /// <summary>Its name.</summary>
    public const string Kind = "lre";

    /// <summary>Fits the embeddings of all layers; one pass a prompt gives the Jacobians of all.</summary>
    /// <param name="model">The model.</param>
    /// <param name="examples">Prompts that ask for the relation: <see cref="Examples"/>; the paper takes 5.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <returns>One a layer; the caller, or the caller's scope, disposes them.</returns>
    /// <exception cref="FitException">There is no example.</exception>
    /// <exception cref="LogitscopeException">A prompt does not fit the model.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<RelationalEmbedding> Fit(
        LanguageModel model, IReadOnlyList<SubjectRow> examples, CancellationToken cancellation = default)
    {
        if (examples.Count == 0)
        {
            throw new FitException("a relational embedding: expected at least one example, got none");
        }

        using var scope = NewDisposeScope();
        var (jacobians, biases) = (zeros([model.Layers, model.HiddenSize, model.HiddenSize], float64, model.Device), zeros([model.Layers, model.HiddenSize], float64, model.Device));
        foreach (var example in examples)
        {
            using var one = NewDisposeScope();
            var (jacobian, subject, last) = At(model, example, cancellation);
            jacobians.add_(jacobian / examples.Count);
            biases.add_((last - jacobian.matmul(subject.unsqueeze(-1)).squeeze(-1)) / examples.Count);
        }

        var type = model.Dtype == float64 ? float64 : float32;
        return
        [
            .. Enumerable.Range(0, model.Layers).Select(layer => new RelationalEmbedding(
                layer, jacobians[layer].to(type, copy: true).MoveToOuterDisposeScope(), biases[layer].to(type, copy: true).MoveToOuterDisposeScope())),
        ];
    }

    /// <summary>Prompts to fit on: each asks for one fact and shows the others before it, as the paper's do.</summary>
    /// <param name="model">The model.</param>
    /// <param name="relation">The relation.</param>
    /// <param name="facts">The facts.</param>
    /// <returns>One prompt a fact.</returns>
    public static IReadOnlyList<SubjectRow> Examples(LanguageModel model, Relation relation, IReadOnlyList<RelationFact> facts) =>
    [
        .. facts.SelectMany(fact => (relation with { Facts = [fact] }).Rows(model, string.Concat(facts.Where(other => other != fact).Select(other =>
            $"{Relation.Filled(relation.Template, other.Subject)} {other.Object}\n")) + relation.Template)),
    ];

    /// <summary>Fits the embeddings that each part of a split is judged by, on facts of subjects that neither are tested there nor choose.</summary>
    /// <param name="model">The model.</param>
    /// <param name="relation">The relation, of facts that the model knows.</param>
    /// <param name="split">Rows of these facts.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after each part.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <returns>By part, then layer; the caller, or the caller's scope, disposes them. They serve every split of the same parts and subjects.</returns>
    /// <exception cref="LogitscopeException">An option lies outside its range, or there are too few subjects to fit on.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<IReadOnlyList<RelationalEmbedding>> FitParts(
        LanguageModel model, Relation relation, AttributeSplit split, RelationalOptions? options = null, IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        options.Check();
        var meter = new FitMeter(split.Parts, progress);
        return
        [
            .. Enumerable.Range(0, split.Parts).Select(part =>
            {
                RelationFact[] facts = [.. split.Fitted(part).Select(row => split.Rows[row].Fact).Distinct().Take(options.Examples)];
                var fitted = facts.Length == options.Examples
                    ? Fit(model, Examples(model, relation, facts), cancellation)
                    : throw new FitException($"a relational embedding: expected {options.Examples} known facts to fit on beside those tested, got {facts.Length}");
                meter.Add(1);
                return fitted;
            }),
        ];
    }

    /// <summary>The map <c>s -> beta W s + b</c>.</summary>
    /// <param name="beta">How much larger the true slope is than W; the paper takes 2.25 for GPT-J.</param>
    /// <returns>The mapping of a Patchscope to the last layer.</returns>
    public Mapping At(double beta) => new AffineMapping(Kind, Weight * beta, Bias);

    /// <summary>
    /// The attribute lens: <c>softmax(W_U N(beta W h + b))</c> of any residual h. <see cref="LensPatchscope"/> runs it as a Patchscope.
    /// </summary>
    /// <param name="beta">As above.</param>
    /// <returns>The technique; it takes residuals of every layer by the map of this one.</returns>
    public NextTokenTechnique Lens(double beta)
    {
        var map = At(beta);
        return NextTokenTechnique.Direct("attribute-lens", _ => map);
    }

    /// <summary>How a subject's residual has to change for z to change: W's pseudo-inverse of a low rank; beta has no part in it.</summary>
    /// <param name="difference">z of another subject less z of this one, <c>[hidden]</c>.</param>
    /// <param name="ranks">How many of W's largest singular values are taken, from 1 to hidden.</param>
    /// <returns>For each rank what is to be added to s, <c>[ranks, hidden]</c>.</returns>
    /// <exception cref="FitException">A rank lies outside.</exception>
    public Tensor Change(Tensor difference, params IReadOnlyList<int> ranks)
    {
        if (ranks.Count == 0 || ranks.Any(rank => rank < 1 || rank > Weight.size(0)))
        {
            throw new FitException($"the rank of an inverse: expected 1 to {Weight.size(0)}, got {(ranks.Count == 0 ? "none" : string.Join(", ", ranks))}");
        }

        using var scope = NewDisposeScope();
        var (left, values, right) = linalg.svd(Weight.to(float64), fullMatrices: false);
        var floor = values.max() * Weight.size(0) * (Weight.dtype == float64 ? 2.2e-16 : 1.2e-7); // below it a value is rounding
        var parts = where(values.gt(floor), difference.to(float64).matmul(left) / values, 0.0); // [hidden]
        return stack([.. ranks.Select(rank => parts.narrow(0, 0, rank).matmul(right.narrow(0, 0, rank)))]).to(Weight.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Faithfulness: how often the embedding's most probable token is the answer's first one. The paper takes any prefix of the answer.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="split">Rows to read, of facts that the model knows.</param>
    /// <param name="fitted">Of <see cref="FitParts"/>.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <returns>The scores, and those where each row is asked another subject's answer.</returns>
    /// <exception cref="FitException">An option lies outside its range, or the embeddings are not of so many parts.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static (AttributeScores Scores, AttributeScores Shuffled) Faithfulness(
        LanguageModel model, AttributeSplit split, IReadOnlyList<IReadOnlyList<RelationalEmbedding>> fitted, RelationalOptions? options = null,
        CancellationToken cancellation = default)
    {
        options = Checked(options, split, fitted);
        using var scope = NewDisposeScope();
        using var run = split.Read(model, cancellation);
        AttributeSetting[] settings = [.. Enumerable.Range(0, model.Layers).SelectMany(layer => options.Betas.Select(beta => new AttributeSetting(layer, $"beta {beta}")))];
        var said = Enumerable.Range(0, split.Parts).Select(part =>
        {
            using var one = NewDisposeScope();
            return fitted[part].SelectMany(embedding => options.Betas.Select(beta =>
                model.Unembed(embedding.At(beta).Run(run.At(new(embedding.Layer, Site.ResidPost)), model)).argmax(-1).cpu().data<long>().ToArray())).ToArray();
        }).ToArray(); // [part][setting][row]
        return (
            split.Score(Kind, settings, part => Right(part, split.Rows)),
            split.Score($"{Kind}, shuffled", settings, part => Right(part, split.Others)));

        bool[][] Right(int part, IReadOnlyList<SubjectRow> asked) => [.. said[part].Select(ids => ids.Select((id, row) => id == asked[row].Answer).ToArray())];
    }

    /// <summary>
    /// Causality: how often s, moved by <see cref="Change"/> towards another subject's z, makes the model say that subject's answer.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="split">Rows whose prompt asks for the relation, of facts that the model knows.</param>
    /// <param name="fitted">Of <see cref="FitParts"/>.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after each part.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <returns>
    /// The scores over rows, and as controls those of a random direction of the same length, and of the other subject's residual itself in the
    /// place of s. A row whose other subject has the same answer counts as wrong in all.
    /// </returns>
    /// <exception cref="FitException">An option lies outside its range, or the embeddings are not of so many parts.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static (AttributeScores Scores, AttributeScores Random, AttributeScores Swapped) Causality(
        LanguageModel model, AttributeSplit split, IReadOnlyList<IReadOnlyList<RelationalEmbedding>> fitted, RelationalOptions? options = null,
        IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        options = Checked(options, split, fitted);
        var meter = new FitMeter(split.Parts, progress);
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)options.Seed, CPU);
        using var subjects = split.Read(model, cancellation);
        using var ends = SourceRun.Read(model, [.. split.Rows.Select(row => row.Prompt)], ^1, cancellation);
        var ranks = options.Ranks.Select(rank => Math.Min(rank, model.HiddenSize)).Distinct().ToArray();
        var rowOf = split.Rows.Index().DistinctBy(row => row.Item.Group).ToDictionary(row => row.Item.Group, row => row.Index);
        AttributeSetting[] settings = [.. Enumerable.Range(0, model.Layers).SelectMany(layer => ranks.Select(rank => new AttributeSetting(layer, $"rank {rank}")))];
        var moved = Enumerable.Range(0, split.Parts).Select(part =>
        {
            using var one = NewDisposeScope();
            var right = Enumerable.Range(0, 3).Select(_ => settings.Select(_ => new bool[split.Rows.Count]).ToArray()).ToArray();
            foreach (var row in split.Tested(part).Concat(split.Choosing(part)))
            {
                Move(row, rowOf[split.Others[row].Group], fitted[part], right);
            }

            meter.Add(1);
            return right;
        }).ToArray(); // [part][change, random, swapped][setting][row]
        return (
            split.Score($"{Kind}, causality", settings, part => moved[part][0]),
            split.Score("random direction", settings, part => moved[part][1]),
            split.Score("other subject's residual", settings, part => moved[part][2]));

        void Move(int row, int other, IReadOnlyList<RelationalEmbedding> embeddings, bool[][][] right)
        {
            using var one = NewDisposeScope();
            var (from, to) = (split.Rows[row], split.Rows[other]);
            using var wavefront = new Wavefront(model, from.Prompt, from.Position);
            var difference = ends.Last()[other] - ends.Last()[row];
            var last = wavefront.Run(
                [
                    .. embeddings.Select(embedding =>
                    {
                        var hook = new Hook(embedding.Layer, Site.ResidPost);
                        var change = embedding.Change(difference, ranks); // [ranks, hidden]
                        var noise = randn(change.shape, generator: generator).to(change.dtype, change.device);
                        var random = noise * (change.norm(1, keepdim: true) / noise.norm(1, keepdim: true));
                        var (own, its) = (subjects.At(hook)[row], subjects.At(hook)[other].expand(ranks.Length, -1));
                        return new LayerPatch(hook, cat([own + change, own + random, its.to(change.dtype)]));
                    }),
                ],
                cancellation);
            var said = model.Unembed(last).argmax(-1).cpu().data<long>().ToArray();
            foreach (var (place, id) in said.Index())
            {
                var (layer, rest) = Math.DivRem(place, 3 * ranks.Length);
                right[rest / ranks.Length][(layer * ranks.Length) + (rest % ranks.Length)][row] = id == to.Answer && from.Answer != to.Answer;
            }
        }
    }

    /// <summary>Frees the numbers.</summary>
    public void Dispose()
    {
        Weight.Dispose();
        Bias.Dispose();
    }

    private static RelationalOptions Checked(RelationalOptions? options, AttributeSplit split, IReadOnlyList<IReadOnlyList<RelationalEmbedding>> fitted)
    {
        options ??= new();
        options.Check();
        return fitted.Count == split.Parts ? options : throw new FitException(
            $"relational embeddings: expected those of {split.Parts} parts, as FitParts gives, got {fitted.Count}");
    }

    // Copies of what begins at the subject, behind tokens that s does not reach. Copy i's backward pass begins with a one at dimension
    // first + i of z and ends in that row of every layer's Jacobian.
    private static (Tensor Jacobian, Tensor Subject, Tensor Last) At(LanguageModel model, SubjectRow example, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var before = new KeyValueCache();
        var (ids, tokens, width) = (example.Prompt.ToTensor(), example.Prompt.Count - example.Position, model.HiddenSize);
        if (example.Position > 0)
        {
            model.Forward(ids.narrow(1, 0, example.Position), new() { Cache = before, Logits = LogitsOf.NoPosition });
        }

        var copies = Math.Clamp(model.TokensToRun / tokens, 1, width);
        Hook[] sources = [.. Enumerable.Range(0, model.Layers).Select(layer => new Hook(layer, Site.ResidPost))];
        using var own = before.Branch();
        using var run = model.Forward(
            ids.narrow(1, example.Position, tokens).expand(copies, -1), new() { Cache = own, Gradients = sources, Logits = LogitsOf.NoPosition });
        var jacobian = zeros([model.Layers, width, width], float64, model.Device);
        var top = run[sources[^1]]; // [copies, tokens, hidden]
        for (var first = 0; first < width; first += copies)
        {
            cancellation.ThrowIfCancellationRequested();
            using var pass = NewDisposeScope();
            var rows = Math.Min(copies, width - first);
            var one = zeros_like(top);
            one.narrow(0, 0, rows).select(1, tokens - 1).narrow(1, first, rows).copy_(eye(rows, dtype: one.dtype, device: one.device));
            var gradients = run.Gradient(top, one);
            foreach (var source in sources)
            {
                jacobian[source.Layer].narrow(0, first, rows).copy_(gradients[source].narrow(0, 0, rows).select(1, 0));
            }
        }

        var subject = stack([.. sources.Select(source => run[source].detach()[0, 0])]).to(float64); // [layers, hidden]
        return (jacobian.MoveToOuterDisposeScope(), subject.MoveToOuterDisposeScope(), top.detach()[0, -1].to(float64, copy: true).MoveToOuterDisposeScope());
    }
}

/// <summary>How relational embeddings are fitted and judged.</summary>
public sealed record RelationalOptions
{
    /// <summary>How many facts one is fitted on. Default: 5, the paper's.</summary>
    public int Examples { get; init; } = 5;

    /// <summary>The slopes to choose from. Default: 1 to 8; the paper has 2.25 for GPT-J and 8 for LLaMA.</summary>
    public IReadOnlyList<double> Betas { get; init; } = [1, 1.5, 2.25, 3.5, 5, 8];

    /// <summary>The ranks of the inverse to choose from; one beyond the model's width is its width. Default: 8 to 64.</summary>
    public IReadOnlyList<int> Ranks { get; init; } = [8, 24, 64];

    /// <summary>Draws the random directions.</summary>
    public long Seed { get; init; } = 42;

    internal void Check()
    {
        if (Examples < 1 || Betas.Count == 0 || !Betas.All(double.IsFinite) || Ranks.Count == 0 || Ranks.Any(rank => rank < 1))
        {
            throw new FitException(
                $"a relational embedding: expected examples, slopes and ranks from 1, got {Examples} examples, slopes {string.Join(", ", Betas.Select(beta => $"{beta}"))} and ranks {string.Join(", ", Ranks)}");
        }
    }
}
