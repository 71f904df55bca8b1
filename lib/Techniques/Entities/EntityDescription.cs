namespace Logitscope;

/// <summary>
/// Entity description by a Patchscope: T is a list of names and descriptions that ends in a placeholder; the last residual of a name, read
/// alone, takes its place, i* = m, l* = l; what is generated says what the model holds of the name at layer l. Ghandeharioun et al., arXiv
/// 2401.06102, section 4.3. With a scale it is Superscopes' amplification, arXiv 2503.02078; put into the embedding of a list of words and
/// themselves, it reads words of several tokens, as Tokens2Words, arXiv 2410.05864.
/// </summary>
public static class EntityDescription
{
    /// <summary>Describes entities at every layer.</summary>
    /// <param name="model">The source model M.</param>
    /// <param name="entities">Names, and what could be said of each.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after some entities.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>What was said.</returns>
    /// <exception cref="LogitscopeException">There is no entity, the target has no placeholder, or a text does not fit.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static DescribedEntities Describe(
        this LanguageModel model, IReadOnlyList<Entity> entities, DescriptionOptions? options = null,
        IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var into = options.TargetModel ?? model;
        var target = into.Encode(options.Target);
        var position = target.SpanOf(options.Placeholder).End - 1;
        var layers = Enumerable.Range(0, options.IntoEmbedding ? model.Layers : Math.Min(model.Layers, into.Layers)).ToArray();
        if (entities.Count == 0 || !double.IsFinite(options.Scale))
        {
            throw new PatchException($"a description: expected entities and a finite scale, got {entities.Count} and {options.Scale}");
        }

        var said = layers.Select(layer => new DescribedLayer(layer, new string[entities.Count])).ToArray();
        using var scope = NewDisposeScope();
        using var wavefront = new Wavefront(into, target, position);
        var meter = new FitMeter(entities.Count, progress);
        foreach (var some in entities.Index().Chunk(Math.Max(1, into.TokensToRun / layers.Length)))
        {
            using var piece = NewDisposeScope();
            using var run = SourceRun.Read(model, [.. some.Select(entity => model.Encode(entity.Item.Name))], ^1, cancellation);
            var patches = layers.Select(layer => new LayerPatch(
                options.IntoEmbedding ? new(0, Site.ResidPre) : new(layer, Site.ResidPost),
                options.Mapping(layer).Run(run.At(new(layer, Site.ResidPost)) * options.Scale, into)));
            foreach (var (place, ids) in wavefront.Continue([.. patches], options.MaxNewTokens, into.Tokenizer.EosId, cancellation).Index())
            {
                var (layer, entity) = Math.DivRem(place, some.Length);
                said[layer].Texts[some[entity].Index] = DescriptionOptions.Cut(into.Tokenizer.Words(ids));
            }

            meter.Add(some.Length);
        }

        var unpatched = into.Generate(target.Ids, new() { MaxNewTokens = options.MaxNewTokens, StopId = into.Tokenizer.EosId });
        return new DescribedEntities(target, entities, said, DescriptionOptions.Cut(into.Tokenizer.Words(unpatched)));
    }
}

/// <summary>How entities are described.</summary>
public sealed record DescriptionOptions
{
    /// <summary>A list of words and themselves, for <see cref="Target"/>: with <see cref="IntoEmbedding"/> it reads which word a residual is.</summary>
    public const string SameWord = "cat -> cat\n1135 -> 1135\nhello -> hello\nx ->";

    /// <summary>The paper's T.</summary>
    public const string Paper =
        "Syria: Country in the Middle East, Leonardo DiCaprio: American actor, Samsung: South Korean multinational major appliance and "
        + "consumer electronics corporation, x";

    /// <summary>
    /// T; the last placeholder in it is replaced. Default: the paper's, with the last description in words that a small model knows.
    /// </summary>
    public string Target { get; init; } =
        "Syria: Country in the Middle East, Leonardo DiCaprio: American actor, Samsung: South Korean company known for phones, x";

    /// <summary>What is replaced. Default: <c>x</c>.</summary>
    public string Placeholder { get; init; } = "x";

    /// <summary>How many tokens are generated. Default: 20; the paper takes up to 50.</summary>
    public int MaxNewTokens { get; init; } = 20;

    /// <summary>What the residual is multiplied by before it is put in. Default: 1, the plain Patchscope.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether it takes the placeholder's embedding's place, and not that of resid_post at its own layer.</summary>
    public bool IntoEmbedding { get; init; }

    /// <summary>M*. Default: the source model.</summary>
    public LanguageModel? TargetModel { get; init; }

    /// <summary>f, by source layer. Default: the identity.</summary>
    public Func<int, Mapping> Mapping { get; init; } = _ => Logitscope.Mapping.Identity;

    // The list goes on after an entry.
    internal static string Cut(string text)
    {
        var entry = text.TrimStart(':', ' ');
        return entry.IndexOfAny([',', '\n', ';']) is >= 0 and var end ? entry[..end] : entry;
    }
}

/// <summary>Something with a name.</summary>
/// <param name="Name">The name, as it stands alone: <c>Syria</c>.</param>
/// <param name="Descriptions">What it is, in any of several ways: <c>country in the Middle East</c>.</param>
public sealed record Entity(string Name, IReadOnlyList<string> Descriptions)
{
    /// <summary>Its sort. Default: none.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Reads entities, a JSON object a line, with these names in snake case.</summary>
    /// <param name="path">The .jsonl file.</param>
    /// <returns>The entities.</returns>
    /// <exception cref="DatasetException">The file is not there, or a line is none.</exception>
    public static IReadOnlyList<Entity> Read(string path) => JsonRows.Read<Entity>(
        path, "an object with name and descriptions", row => row is { Name.Length: > 0, Descriptions.Count: > 0 } && row.Descriptions.All(one => one.Length > 0));
}

/// <summary>What was said of entities.</summary>
/// <param name="Target">T.</param>
/// <param name="Entities">The entities.</param>
/// <param name="Layers">One a source layer.</param>
/// <param name="Unpatched">What T says of its own placeholder.</param>
public sealed record DescribedEntities(Prompt Target, IReadOnlyList<Entity> Entities, IReadOnlyList<DescribedLayer> Layers, string Unpatched)
{
    private static LayerMetric Metric { get; } = new("rouge_l_f1", "ROUGE-L", "ROUGE-L F1, mean over entities", "How a name's description unfolds", 1);

    /// <summary>ROUGE-L of what was said, by layer.</summary>
    /// <param name="method">What it is called.</param>
    /// <returns>
    /// Means with 95 % intervals over the entities that have descriptions, none where none has; and as controls: the same texts held against the
    /// descriptions of the next entity, and what is said without a patch against the own ones.
    /// </returns>
    public IReadOnlyList<LayerScore> Scores(string method = "description")
    {
        int[] described = [.. Entities.Index().Where(entity => entity.Item.Descriptions.Count > 0).Select(entity => entity.Index)];
        Entity[] own = [.. described.Select(place => Entities[place])];
        Entity[] others = [.. own.Skip(1), .. own.Take(1)];
        return own.Length == 0 ? [] :
        [
            .. Layers.Select(layer => Score(method, layer, own)),
            .. Layers.Select(layer => Score($"{method}, of another entity", layer, others)),
            .. Layers.Select(layer => Score($"{method}, unpatched", layer with { Texts = [.. Entities.Select(_ => Unpatched)] }, own)),
        ];

        LayerScore Score(string name, DescribedLayer layer, Entity[] asked)
        {
            var sample = new Sample([.. described.Zip(asked, (place, entity) => RougeL.F1(layer.Texts[place], entity.Descriptions))]);
            return new LayerScore(name, layer.Layer, sample.Hall().Within(0, 1), sample.Count);
        }
    }

    /// <summary>How often the text is the name itself: what <see cref="DescriptionOptions.SameWord"/> asks for.</summary>
    /// <param name="method">What it is called.</param>
    /// <returns>Shares with 95 % intervals over entities.</returns>
    public IReadOnlyList<LayerScore> Named(string method = "name") =>
    [
        .. Layers.Select(layer => new LayerScore(
            method, layer.Layer, new Sample([.. layer.Texts.Zip(Entities, (text, entity) => text.Trim() == entity.Name ? 1.0 : 0.0)]).Share(), Entities.Count)),
    ];

    /// <summary>The scores as curves over the source layers.</summary>
    /// <param name="scores">Of <see cref="Scores"/>, of one set of entities.</param>
    /// <returns>The figure, with pointwise 95 % bands over entities.</returns>
    /// <exception cref="ChartException">There are none.</exception>
    public static ChartFigure Chart(params IReadOnlyList<LayerScore> scores) => LayerCurves.Draw(
        Metric, scores, scores.Count == 0 ? "" : $"{scores[0].Count} entities; 95 % bands, pointwise, over entities");

    /// <summary>What was said of one entity at each layer.</summary>
    /// <param name="entity">Its number.</param>
    /// <returns>One row a layer, the last one first.</returns>
    public Table Unfolding(int entity) => Table.Of(
        Layers.Reverse(), ("layer", layer => layer.Layer), ("said", layer => layer.Texts[entity]),
        ("ROUGE-L", layer => Entities[entity].Descriptions.Count > 0 ? RougeL.F1(layer.Texts[entity], Entities[entity].Descriptions) : null)) with
    {
        Title = $"{Entities[entity].Name}: {(Entities[entity].Descriptions.Count > 0 ? string.Join(" / ", Entities[entity].Descriptions) : "no description to compare with")}",
    };
}

/// <summary>What was said at one layer.</summary>
/// <param name="Layer">The 0-based block whose resid_post was read.</param>
/// <param name="Texts">One an entity, up to where the list would go on.</param>
public sealed record DescribedLayer(int Layer, string[] Texts);
