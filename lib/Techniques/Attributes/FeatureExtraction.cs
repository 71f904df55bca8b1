namespace Logitscope;

/// <summary>
/// Feature extraction by a Patchscope: T asks for the relation and ends in a placeholder, <c>The capital of x</c>; the subject's residual takes
/// the placeholder's place, i* = m, at any layer l*, f the identity; right where the object is in what is generated. Ghandeharioun et al.,
/// arXiv 2401.06102, section 4.2.
/// </summary>
public static class FeatureExtraction
{
    /// <summary>Its name.</summary>
    public const string Kind = "extraction";

    /// <summary>Extracts the attribute of every row, from every source layer into every target layer.</summary>
    /// <param name="model">Source and target model.</param>
    /// <param name="relation">The relation; its template up to the subject is the target prompt.</param>
    /// <param name="rows">The rows to read.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after some rows.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>What was generated.</returns>
    /// <exception cref="LogitscopeException">There is no row, or the target and what is generated exceed the context.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ExtractedFeatures Extract(
        LanguageModel model, Relation relation, IReadOnlyList<SubjectRow> rows, ExtractionOptions? options = null,
        IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new();
        if (rows.Count == 0)
        {
            throw new PatchException($"{Kind}: expected at least one row, got none");
        }

        var before = relation.Template[..relation.Template.IndexOf(Relation.Gap, StringComparison.Ordinal)];
        return Extract(model, options.Target(model, before), rows, options.MaxNewTokens, new FitMeter(rows.Count, progress), cancellation);
    }

    /// <summary>The same, with the target prompt itself; its last token is replaced.</summary>
    internal static ExtractedFeatures Extract(
        LanguageModel model, Prompt target, IReadOnlyList<SubjectRow> rows, int maxNewTokens, FitMeter meter, CancellationToken cancellation)
    {
        Hook[] hooks = [.. Enumerable.Range(0, model.Layers).Select(layer => new Hook(layer, Site.ResidPost))];
        FeatureCell[] cells = [.. from source in hooks from other in hooks select new FeatureCell(source.Layer, other.Layer, new string[rows.Count])];
        using var scope = NewDisposeScope();
        using var wavefront = new Wavefront(model, target, ^1);
        foreach (var some in rows.Index().Chunk(Math.Max(1, model.TokensToRun / (model.Layers * model.Layers))))
        {
            using var piece = NewDisposeScope();
            using var run = SourceRun.Read(
                model, [.. some.Select(row => row.Item.Prompt)], [.. some.Select((row, number) => new Place(number, row.Item.Position))], cancellation);
            var residuals = cat([.. hooks.Select(run.At)]); // by source layer, then row
            var said = wavefront.Continue([.. hooks.Select(hook => new LayerPatch(hook, residuals))], maxNewTokens, model.Tokenizer.EosId, cancellation);
            foreach (var (place, ids) in said.Index())
            {
                var (layers, row) = Math.DivRem(place, some.Length); // by target layer, then source layer, then row
                var (into, source) = Math.DivRem(layers, hooks.Length);
                cells[(source * hooks.Length) + into].Texts[some[row].Index] = model.Tokenizer.Words(ids);
            }

            meter.Add(some.Length);
        }

        var unpatched = model.Tokenizer.Words(model.Generate(target.Ids, new() { MaxNewTokens = maxNewTokens, StopId = model.Tokenizer.EosId }));
        return new ExtractedFeatures(Kind, rows, cells, [.. rows.Select(_ => unpatched)]) { Target = target };
    }
}

/// <summary>How features are extracted.</summary>
public sealed record ExtractionOptions
{
    /// <summary>What ends the target prompt and is replaced at its last token. Default: the paper's <c>x</c>.</summary>
    public string Placeholder { get; init; } = "x";

    /// <summary>A token to take for it, such as the BOS. Default: none.</summary>
    public int? PlaceholderId { get; init; }

    /// <summary>How many tokens are generated. Default: 10, as the paper's code has it; its text says 20.</summary>
    public int MaxNewTokens { get; init; } = 10;

    // The placeholder's id goes behind the text's own tokens; letters are encoded with them.
    internal Prompt Target(LanguageModel model, string before) => PlaceholderId is { } id
        ? model.FromIds([.. model.Encode(before.TrimEnd()).Ids, id])
        : model.Encode($"{before.TrimEnd()} {Placeholder}");
}

/// <summary>What a Patchscope said of each row, for pairs of layers.</summary>
/// <param name="Method">Which Patchscope.</param>
/// <param name="Rows">The rows; the object of each is what it should say.</param>
/// <param name="Cells">One a pair of layers.</param>
/// <param name="Unpatched">What is said of each row where nothing is patched.</param>
public sealed record ExtractedFeatures(
    string Method, IReadOnlyList<SubjectRow> Rows, IReadOnlyList<FeatureCell> Cells, IReadOnlyList<string> Unpatched)
{
    /// <summary>The target prompt, placeholder included, where all rows have one.</summary>
    public Prompt? Target { get; init; }

    /// <summary>Scores: source and target layer chosen on other rows.</summary>
    /// <param name="split">The split of the same rows.</param>
    /// <returns>The scores, and those where each row is asked another subject's object: what a shuffled vector gives.</returns>
    public (AttributeScores Scores, AttributeScores Shuffled) Score(AttributeSplit split)
    {
        AttributeSetting[] settings = [.. Cells.Select(cell => new AttributeSetting(cell.SourceLayer, $"target layer {cell.TargetLayer}"))];
        return (
            split.Score(Method, settings, _ => [.. Cells.Select(cell => Right(cell.Texts, split.Rows))]),
            split.Score($"{Method}, shuffled", settings, _ => [.. Cells.Select(cell => Right(cell.Texts, split.Others))]));
    }

    /// <summary>The paper's score: right where any target layer is. An oracle, since which one is not known beforehand.</summary>
    /// <param name="split">The split of the same rows.</param>
    /// <returns>The scores by source layer, and those where each row is asked another subject's object: what so many tries give anyway.</returns>
    public (AttributeScores Scores, AttributeScores Shuffled) ScoreAny(AttributeSplit split)
    {
        var sources = Cells.GroupBy(cell => cell.SourceLayer).OrderBy(source => source.Key).ToArray();
        AttributeSetting[] settings = [.. sources.Select(source => new AttributeSetting(source.Key))];
        return (
            split.Score($"{Method}, any l* (oracle)", settings, _ => Any(split.Rows)),
            split.Score($"{Method}, any l* (oracle), shuffled", settings, _ => Any(split.Others)));

        bool[][] Any(IReadOnlyList<SubjectRow> asked) => [.. sources.Select(source => Somewhere(source, asked))];
    }

    /// <summary>Right where any pair of layers is: the paper's score of two hops, and an oracle even more.</summary>
    /// <param name="split">The split of the same rows.</param>
    /// <returns>The share, and that where each row is asked another subject's object.</returns>
    public (AttributeScores Scores, AttributeScores Shuffled) ScoreAnyPair(AttributeSplit split) => (
        split.Same($"{Method}, any pair (oracle)", Somewhere(Cells, split.Rows)),
        split.Same($"{Method}, any pair (oracle), shuffled", Somewhere(Cells, split.Others)));

    /// <summary>The control that reads nothing: what is said without a patch holds the object anyway.</summary>
    /// <param name="split">The split of the same rows.</param>
    /// <returns>The share.</returns>
    public AttributeScores ScoreUnpatched(AttributeSplit split) => split.Same($"{Method}, unpatched", Right(Unpatched, split.Rows));

    /// <summary>Whether a text says what a row's subject has.</summary>
    internal static bool[] Right(IEnumerable<string> texts, IReadOnlyList<SubjectRow> asked) =>
        [.. texts.Zip(asked, (text, row) => text.Contains(row.Fact.Object, StringComparison.Ordinal))];

    private static bool[] Somewhere(IEnumerable<FeatureCell> cells, IReadOnlyList<SubjectRow> asked) =>
        cells.Select(cell => Right(cell.Texts, asked)).Aggregate((one, other) => [.. one.Zip(other, (a, b) => a || b)]);
}

/// <summary>What was said for one pair of layers.</summary>
/// <param name="SourceLayer">The 0-based block that the residual came from.</param>
/// <param name="TargetLayer">The 0-based block where it was put.</param>
/// <param name="Texts">What was generated for each row.</param>
public sealed record FeatureCell(int SourceLayer, int TargetLayer, string[] Texts);
