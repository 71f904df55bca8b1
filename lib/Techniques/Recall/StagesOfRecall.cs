namespace Logitscope;

/// <summary>
/// Stages of recall, read by the logit lens at the last token: the argument of a relation comes up, a function turns it into the
/// answer, and the answer stays. Merullo, Eickhoff, Pavlick, arXiv 2305.16130, sections 3 and 4.
/// </summary>
public static class StagesOfRecall
{
    /// <summary>Follows argument and answer up the layers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">A prompt that asks for a relation, as <c>Q: What is the capital of Poland?\nA:</c>.</param>
    /// <param name="argument">Id of the argument's first token, as that of " Poland".</param>
    /// <param name="answer">Id of the answer's first token. Default: what the model says.</param>
    /// <returns>Ranks, reciprocal ranks and stages.</returns>
    /// <exception cref="LogitscopeException">An id is not the model's, or the prompt exceeds the context.</exception>
    public static RecallStages Stages(this LanguageModel model, Prompt prompt, int argument, int? answer = null)
    {
        using var scope = NewDisposeScope();
        using var run = SourceRun.Read(model, [prompt], ^1);
        var logits = cat([.. Enumerable.Range(0, model.Layers).Select(layer => model.Unembed(run.At(new(layer, Site.ResidPost))))]); // [layer, vocab]
        var next = Enumerable.Range(0, model.Layers).Select(layer =>
            NextTokenDistribution.Of(logits.select(0, layer), prompt.Tokenizer, $"the logit lens at layer {layer}").Top(1)[0]).ToArray();
        var asked = answer ?? next[^1].Id;
        foreach (var id in new[] { argument, asked })
        {
            if (id < 0 || id >= model.VocabularySize)
            {
                throw new PatchException($"stages of recall: expected ids below {model.VocabularySize}, the model's rows, got {id}");
            }
        }

        var (ofArgument, ofAnswer) = (Ranks(argument), Ranks(asked));
        return new RecallStages(
            prompt, argument, asked, [.. next.Index().Select(top => new RecallLayer(top.Index, top.Item, ofArgument[top.Index], ofAnswer[top.Index]))]);

        int[] Ranks(int id) =>
            [.. Distributions.Rank(logits, full([model.Layers], id, int64, model.Device)).cpu().data<long>().ToArray().Select(rank => (int)rank)];
    }

    /// <summary>
    /// The o-vector intervention: what one prompt's MLP wrote at its last token in one layer is put in the place of what another's
    /// writes at its own last token, in some layers. If the update is the function itself, it works on the other's argument.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="from">The prompt that the update is taken from.</param>
    /// <param name="layer">The layer it is taken from.</param>
    /// <param name="into">The prompt that gets it.</param>
    /// <param name="layers">The layers that get it.</param>
    /// <returns>What the other prompt says next.</returns>
    /// <exception cref="LogitscopeException">There is no such layer, or a prompt exceeds the context.</exception>
    public static NextTokenDistribution WithUpdateOf(this LanguageModel model, Prompt from, int layer, Prompt into, IReadOnlyList<int> layers)
    {
        using var scope = NewDisposeScope();
        var written = new Hook(layer, Site.MlpOut);
        var update = model.Forward(from, new() { Keep = [written], Logits = LogitsOf.NoPosition })[written][0, -1]; // o, [hidden]
        var edits = layers.Select(l => Edit.Replace(new(l, Site.MlpOut), update, ^1)).ToArray();
        return new NextTokenDistribution(model.Forward(into, new() { Edits = edits, Logits = LogitsOf.LastPosition }).Logits.reshape(-1), into.Tokenizer);
    }

    /// <summary>The paper's figure 3: the reciprocal rank of argument and answer by layer. Where a function is applied, they cross.</summary>
    /// <param name="results">One a prompt, all of one model.</param>
    /// <returns>Means with pointwise 95 % bands over prompts.</returns>
    /// <exception cref="ChartException">There is no result.</exception>
    public static ChartFigure Chart(params IReadOnlyList<RecallStages> results) => LayerCurves.Draw(
        LayerMetric.Mrr with { Title = "The argument comes up, and the answer takes its place" },
        results.SelectMany(result => result.Layers).GroupBy(layer => layer.Layer).SelectMany(layer => new[]
        {
            Score("argument", layer.Key, layer.Select(one => 1.0 / (one.ArgumentRank + 1))),
            Score("answer", layer.Key, layer.Select(one => 1.0 / (one.AnswerRank + 1))),
        }),
        $"{results.Count} prompts, logit lens at the last token; 95 % bands, pointwise, over prompts");

    private static LayerScore Score(string name, int layer, IEnumerable<double> reciprocals)
    {
        var sample = new Sample([.. reciprocals]);
        return new LayerScore(name, layer, sample.Hall().Within(0, 1), sample.Count);
    }
}

/// <summary>Argument and answer of one prompt by layer.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Argument">Id of the argument's first token.</param>
/// <param name="Answer">Id of the answer's first token.</param>
/// <param name="Layers">One a layer.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record RecallStages(Prompt Prompt, int Argument, int Answer, IReadOnlyList<RecallLayer> Layers) : IDisplay
{
    /// <summary>Argument formation: the layers whose top token is the argument.</summary>
    public IReadOnlyList<int> ArgumentFormation => [.. Layers.Where(layer => layer.ArgumentRank == 0).Select(layer => layer.Layer)];

    /// <summary>
    /// Function application: the layer after the last one at which the argument ranks before the answer. Null where it never does, or
    /// still does at the last layer.
    /// </summary>
    public int? FunctionApplication
    {
        get
        {
            var last = Layers.LastOrDefault(layer => layer.ArgumentRank < layer.AnswerRank)?.Layer;
            return last + 1 < Layers.Count ? last + 1 : null;
        }
    }

    /// <summary>Saturation: the first layer from which on the answer is the top token of every layer. Null where it is not that of the last.</summary>
    public int? Saturation
    {
        get
        {
            var wrong = Layers.LastOrDefault(layer => layer.AnswerRank > 0)?.Layer ?? -1;
            return wrong + 1 < Layers.Count ? wrong + 1 : null;
        }
    }

    /// <summary>The numbers, the last layer first.</summary>
    /// <returns>One row a layer.</returns>
    public Table ToTable() => Table.Of(
        Layers.Reverse(),
        ("layer", layer => layer.Layer), ("top token", layer => layer.Top.Token), ("probability", layer => layer.Top.Probability),
        ($"rank of {Prompt.Tokenizer.TokenText(Argument)}", layer => layer.ArgumentRank),
        ($"rank of {Prompt.Tokenizer.TokenText(Answer)}", layer => layer.AnswerRank)) with
    {
        Title = $"argument formation {(ArgumentFormation.Count > 0 ? string.Join(", ", ArgumentFormation) : "nowhere")}; "
            + $"function application {FunctionApplication?.ToString() ?? "nowhere"}; saturation {Saturation?.ToString() ?? "nowhere"}",
    };

    /// <inheritdoc/>
    public string ToHtml() => ToTable().ToHtml();

    /// <inheritdoc/>
    public string ToText() => ToTable().ToText();
}

/// <summary>One layer's reading.</summary>
/// <param name="Layer">0-based block; its resid_post is read.</param>
/// <param name="Top">The most probable token.</param>
/// <param name="ArgumentRank">0-based rank of the argument.</param>
/// <param name="AnswerRank">0-based rank of the answer.</param>
public sealed record RecallLayer(int Layer, TokenProbability Top, int ArgumentRank, int AnswerRank);
