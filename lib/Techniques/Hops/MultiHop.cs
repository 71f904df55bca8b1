using System.Text.Json.Serialization;

namespace Logitscope;

/// <summary>
/// Two hops: the argument, <c>the company that makes Barbie</c>, is read alone, and its last residual takes the place of the placeholder in
/// the relation, <c>The home city of x</c>: S = pi_1, T = pi_2, i = n, i* = m, any l and l*, f the identity. Ghandeharioun et al., arXiv
/// 2401.06102, section 5. Beside it back-patching: the same residual of the whole question, put into an earlier block of the same run. Biran
/// et al., arXiv 2406.12775.
/// </summary>
public static class MultiHop
{
    /// <summary>Runs all of it on the questions whose hops the model knows.</summary>
    /// <param name="model">Source and target model.</param>
    /// <param name="questions">The questions.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after some questions.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>What was said by each procedure.</returns>
    /// <exception cref="LogitscopeException">The model knows both hops of too few questions, or a text exceeds its context.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static MultiHopResult Run(
        LanguageModel model, IReadOnlyList<TwoHopQuestion> questions, MultiHopOptions? options = null,
        IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var known = questions.Where(question => Says(question.FirstHop, question.Bridge) && Says(question.SecondHop, question.Answer)).ToArray();
        if (known.Length == 0)
        {
            throw new PatchException($"two hops: expected questions both of whose hops the model knows, got none among {questions.Count}");
        }

        SubjectRow[] alone = [.. known.Index().Select(question => RowOf(question.Item, model.Encode(question.Item.Argument)))];
        SubjectRow[] whole = [.. known.Index().Select(question => RowOf(question.Item, model.Encode(question.Item.Question)))];
        var meter = new FitMeter(2 * known.Length, progress);
        var split = new AttributeSplit(whole, options.Parts, options.Seed);
        return new MultiHopResult(
            questions.Count, known, split,
            [.. whole.Select(row => Continued(row.Prompt))],
            [.. known.Select(question => Continued(model.Encode(options.ChainOfThought + question.Question)))],
            Patched(), BackPatching.Run(model, whole, options.MaxNewTokens, meter, cancellation));

        SubjectRow RowOf(TwoHopQuestion question, Prompt prompt) => new(
            prompt, prompt.Count - 1, new(question.Subject, question.Answer), Array.FindIndex(known, one => one.Subject == question.Subject),
            model.Encode($" {question.Answer}", Bos.Never).Ids[0]);

        bool Says(string text, string expected) => Continued(model.Encode(text)).Contains(expected, StringComparison.Ordinal);

        string Continued(Prompt prompt)
        {
            cancellation.ThrowIfCancellationRequested();
            return model.Tokenizer.Words(model.Generate(prompt.Ids, new() { MaxNewTokens = options.MaxNewTokens, StopId = model.Tokenizer.EosId }));
        }

        // Questions of one relation share the target.
        ExtractedFeatures Patched()
        {
            var parts = known.Index().GroupBy(question => question.Item.Relation).Select(group =>
            {
                int[] places = [.. group.Select(question => question.Index)];
                var target = new ExtractionOptions { Placeholder = options.Placeholder }.Target(model, group.Key);
                return (places, said: FeatureExtraction.Extract(model, target, [.. places.Select(place => alone[place])], options.MaxNewTokens, meter, cancellation));
            }).ToArray();
            var cells = parts[0].said.Cells.Select(cell => cell with { Texts = new string[known.Length] }).ToArray();
            var unpatched = new string[known.Length];
            foreach (var (places, said) in parts)
            {
                foreach (var (row, place) in places.Index())
                {
                    unpatched[place] = said.Unpatched[row];
                    foreach (var (cell, part) in cells.Zip(said.Cells))
                    {
                        cell.Texts[place] = part.Texts[row];
                    }
                }
            }

            return new ExtractedFeatures("patchscope", alone, cells, unpatched);
        }
    }
}

/// <summary>How two hops are asked for.</summary>
public sealed record MultiHopOptions
{
    /// <summary>What ends the target and is replaced. Default: <c>x</c>.</summary>
    public string Placeholder { get; init; } = "x";

    /// <summary>How many tokens an answer may take to come. Default: 10.</summary>
    public int MaxNewTokens { get; init; } = 10;

    /// <summary>What stands before a question that is to be thought through. Default: the paper's.</summary>
    public string ChainOfThought { get; init; } = "Let's think step by step. ";

    /// <summary>How many parts the subjects fall into; one chooses the layers for the next. Default: 5.</summary>
    public int Parts { get; init; } = 5;

    /// <summary>Draws the parts. Default: 42.</summary>
    public long Seed { get; init; } = 42;
}

/// <summary>A question of two hops.</summary>
/// <param name="Subject">What it begins with: <c>Barbie</c>. Questions of one subject belong together.</param>
/// <param name="Argument">pi_1, which ends with the subject: <c>the company that makes Barbie</c>.</param>
/// <param name="Relation">pi_2: <c>The home city of</c>.</param>
/// <param name="Bridge">What the argument means: <c>Mattel</c>.</param>
/// <param name="Answer">The answer: <c>El Segundo</c>.</param>
public sealed record TwoHopQuestion(string Subject, string Argument, string Relation, string Bridge, string Answer)
{
    /// <summary>The whole question, which the answer should follow.</summary>
    [JsonIgnore]
    public string Question => $"{Relation} {Argument}";

    /// <summary>The first hop alone.</summary>
    [JsonIgnore]
    public string FirstHop => char.ToUpperInvariant(Argument[0]) + Argument[1..];

    /// <summary>The second hop alone.</summary>
    [JsonIgnore]
    public string SecondHop => $"{Relation} {Bridge}";

    /// <summary>Reads questions, a JSON object a line, with these names in snake case.</summary>
    /// <param name="path">The .jsonl file.</param>
    /// <returns>The questions.</returns>
    /// <exception cref="DatasetException">The file is not there, or a line is none.</exception>
    public static IReadOnlyList<TwoHopQuestion> Read(string path) => JsonRows.Read<TwoHopQuestion>(
        path, "an object with subject, argument, relation, bridge and answer",
        row => row is { Subject.Length: > 0, Argument.Length: > 0, Relation.Length: > 0, Bridge.Length: > 0, Answer.Length: > 0 });
}

/// <summary>What was said to questions of two hops.</summary>
/// <param name="Asked">How many questions there were.</param>
/// <param name="Known">Those whose hops the model knows, each apart from the other.</param>
/// <param name="Split">Their subjects in parts: one chooses the pair of layers for the next.</param>
/// <param name="Plain">What follows the question.</param>
/// <param name="ChainOfThought">What follows it where it is to be thought through.</param>
/// <param name="Patched">What the Patchscope says.</param>
/// <param name="BackPatched">What back-patching says.</param>
public sealed record MultiHopResult(
    int Asked, IReadOnlyList<TwoHopQuestion> Known, AttributeSplit Split, IReadOnlyList<string> Plain, IReadOnlyList<string> ChainOfThought,
    ExtractedFeatures Patched, BackPatchedRuns BackPatched)
{
    /// <summary>Shares of right answers, each oracle and each control named as such.</summary>
    /// <returns>Plain, chain of thought, Patchscope, back-patching.</returns>
    public IReadOnlyList<AttributeScores> Scores()
    {
        var (chosen, shuffled) = Patched.Score(Split);
        var (any, anyShuffled) = Patched.ScoreAnyPair(Split);
        var (back, anyBack) = (BackPatched.Said.Score(Split).Scores, BackPatched.Said.ScoreAnyPair(Split).Scores);
        return
        [
            Split.Same("plain question", Right(Plain)), Split.Same("chain of thought", Right(ChainOfThought)),
            chosen, shuffled, any, anyShuffled, Patched.ScoreUnpatched(Split),
            back, BackPatched.Random.Score(Split).Scores, anyBack, BackPatched.Random.ScoreAnyPair(Split).Scores,
        ];
    }

    /// <summary>What back-patching mends and what it spoils: its shares, at a pair of layers chosen on other rows, by what the plain question got.</summary>
    /// <returns>Two rows, with 95 % intervals over subjects.</returns>
    public Table Damage()
    {
        var right = Right(Plain);
        bool[][] cells = [.. BackPatched.Said.Cells.Select(cell => ExtractedFeatures.Right(cell.Texts, Split.Rows))];
        var after = Split.Choose([.. Enumerable.Repeat(cells, Split.Parts)], [.. cells.Select((_, number) => number)]).Right;
        return Table.Of(
            Split.Rows.Index().GroupBy(row => right[row.Index], (was, rows) => (was, rows: rows.ToArray())).OrderByDescending(one => one.was),
            ("plain question", one => one.was ? "right" : "wrong"),
            ("right after back-patching", one => new Sample(
                [.. one.rows.Select(row => after[row.Index] ? 1.0 : 0.0)], [.. one.rows.Select(row => row.Item.Group)]).Share()),
            ("questions", one => one.rows.Length));
    }

    private bool[] Right(IReadOnlyList<string> texts) => ExtractedFeatures.Right(texts, Split.Rows);
}
