namespace Logitscope;

/// <summary>
/// Rows split by subject: each part in turn is tested, the next one chooses layer and setting, and what is fitted is fitted on the others.
/// Techniques that read attributes are compared on the same rows and parts.
/// </summary>
public sealed class AttributeSplit
{
    private readonly int[] _partOf;

    /// <summary>Splits rows.</summary>
    /// <param name="rows">The rows; those of one subject stay together.</param>
    /// <param name="parts">How many parts; at least 3.</param>
    /// <param name="seed">Draws the parts, and whose answer is asked of a row in the control.</param>
    /// <exception cref="DatasetException">There are fewer than 3 parts, or fewer subjects than parts.</exception>
    public AttributeSplit(IReadOnlyList<SubjectRow> rows, int parts = 5, long seed = 42)
    {
        var subjects = new PythonRandom(seed).Shuffled(rows.Select(row => row.Group).Distinct());
        if (parts < 3 || subjects.Length < parts)
        {
            throw new DatasetException(
                $"a split: expected 3 parts or more to test, to choose and to fit, and a known subject for each, got {parts} parts and {subjects.Length} subjects");
        }

        (Rows, Parts, Seed) = (rows, parts, seed);
        var placeOf = subjects.Index().ToDictionary(subject => subject.Item, subject => subject.Index);
        _partOf = [.. rows.Select(row => placeOf[row.Group] % parts)];
        var ofSubject = rows.DistinctBy(row => row.Group).ToDictionary(row => row.Group);
        Others = [.. rows.Select(row => ofSubject[subjects[(placeOf[row.Group] + 1) % subjects.Length]])];
    }

    /// <summary>The rows.</summary>
    public IReadOnlyList<SubjectRow> Rows { get; }

    /// <summary>How many parts.</summary>
    public int Parts { get; }

    /// <summary>What drew them.</summary>
    public long Seed { get; }

    /// <summary>For each row one of another subject, each subject serving one: to ask its answer of the row is what a shuffled vector would give.</summary>
    public IReadOnlyList<SubjectRow> Others { get; }

    /// <summary>The rows that are tested while a part is.</summary>
    public IReadOnlyList<int> Tested(int part) => Where(row => _partOf[row] == part);

    /// <summary>The rows that choose layer and setting then.</summary>
    public IReadOnlyList<int> Choosing(int part) => Where(row => _partOf[row] == (part + 1) % Parts);

    /// <summary>The rows that may be fitted on then.</summary>
    public IReadOnlyList<int> Fitted(int part) => Where(row => _partOf[row] != part && _partOf[row] != (part + 1) % Parts);

    /// <summary>The residuals of the rows.</summary>
    internal SourceRun Read(LanguageModel model, CancellationToken cancellation) => SourceRun.Read(
        model, [.. Rows.Select(row => row.Prompt)], [.. Rows.Select((row, number) => new Place(number, row.Position))], cancellation);

    /// <summary>Scores a technique.</summary>
    /// <param name="method">What it is called.</param>
    /// <param name="settings">Its settings, each of a layer.</param>
    /// <param name="right">For a part that is tested, whether the technique is right: of each setting, each row; rows fitted on do not count.</param>
    /// <returns>Shares of rows, each tested once.</returns>
    public AttributeScores Score(string method, IReadOnlyList<AttributeSetting> settings, Func<int, IReadOnlyList<IReadOnlyList<bool>>> right)
    {
        var tables = Enumerable.Range(0, Parts).Select(right).ToArray();
        var best = Choose(tables, [.. settings.Select((_, number) => number)]);
        return Same(method, best.Right) with
        {
            Layers =
            [
                .. settings.Index().GroupBy(setting => setting.Item.Layer, setting => setting.Index).OrderBy(layer => layer.Key).Select(layer =>
                    new LayerScore(method, layer.Key, Share(Choose(tables, [.. layer]).Right), Rows.Count)),
            ],
            Chosen = [.. best.Chosen.Select(number => settings[number])],
        };
    }

    /// <summary>For each part the setting that is right most often on the rows that choose, and whether it is right, of each row.</summary>
    /// <param name="tables">By part: of each setting, each row.</param>
    /// <param name="allowed">The numbers of the settings to choose from.</param>
    internal (int[] Chosen, bool[] Right) Choose(IReadOnlyList<IReadOnlyList<IReadOnlyList<bool>>> tables, IReadOnlyList<int> allowed)
    {
        var (chosen, right) = (new int[Parts], new bool[Rows.Count]);
        foreach (var (part, table) in tables.Index())
        {
            var choosing = Choosing(part);
            chosen[part] = allowed.MaxBy(setting => choosing.Count(row => table[setting][row]));
            foreach (var row in Tested(part))
            {
                right[row] = table[chosen[part]][row];
            }
        }

        return (chosen, right);
    }

    /// <summary>The control that reads nothing: it always says what most rows that may be fitted on have.</summary>
    /// <returns>The share of rows.</returns>
    public AttributeScores Majority()
    {
        var right = new bool[Rows.Count];
        for (var part = 0; part < Parts; part++)
        {
            var most = Fitted(part).GroupBy(row => Rows[row].Answer).MaxBy(rows => rows.Count())!.Key;
            foreach (var row in Tested(part))
            {
                right[row] = Rows[row].Answer == most;
            }
        }

        return Same("majority", right);
    }

    /// <summary>The score of what has nothing to choose, and no layer.</summary>
    /// <param name="method">What it is called.</param>
    /// <param name="right">Whether it is right, of each row.</param>
    /// <returns>The share of rows, which a chart draws as a level.</returns>
    public AttributeScores Same(string method, IReadOnlyList<bool> right) => new(
        method, [], Share(right), [], Rows.Count, Rows.DistinctBy(row => row.Group).Count());

    private Interval Share(IReadOnlyList<bool> right) => new Sample([.. right.Select(one => one ? 1.0 : 0.0)], [.. Rows.Select(row => row.Group)]).Share();

    private int[] Where(Func<int, bool> holds) => [.. Enumerable.Range(0, Rows.Count).Where(holds)];
}

/// <summary>A setting of a technique: what is chosen on rows that are not tested.</summary>
/// <param name="Layer">The 0-based block whose resid_post is read.</param>
/// <param name="Detail">What else: <c>beta 2.25</c>. Default: nothing.</param>
public sealed record AttributeSetting(int Layer, string Detail = "");

/// <summary>How often a technique reads the attribute from one residual of the subject.</summary>
/// <param name="Method">The technique.</param>
/// <param name="Layers">
/// Share of rows by source layer, with its 95 % interval over subjects; what else there is to choose was chosen on other rows. None of what reads no layer.
/// </param>
/// <param name="AtChosen">The same where the layer too was chosen on other rows.</param>
/// <param name="Chosen">What was chosen for each part.</param>
/// <param name="Count">How many rows.</param>
/// <param name="Subjects">Of how many subjects.</param>
public sealed record AttributeScores(
    string Method, IReadOnlyList<LayerScore> Layers, Interval AtChosen, IReadOnlyList<AttributeSetting> Chosen, int Count, int Subjects)
{
    private static LayerMetric Metric { get; } =
        new("share_right", "share right", "share of rows", "How often an attribute is read from one residual of its subject", 1);

    /// <summary>The same under another name, to be set beside others of its kind.</summary>
    /// <param name="method">The name.</param>
    /// <returns>The scores.</returns>
    public AttributeScores As(string method) => this with { Method = method, Layers = [.. Layers.Select(layer => layer with { Method = method })] };

    /// <summary>Curves over the source layers; what has no layer is drawn at the same height in all of them.</summary>
    /// <param name="scores">One a technique or control, of the same rows; at least one of them has layers.</param>
    /// <returns>The figure, with pointwise 95 % bands over subjects.</returns>
    /// <exception cref="ChartException">None has layers.</exception>
    public static ChartFigure Chart(params IReadOnlyList<AttributeScores> scores)
    {
        int[] layers = [.. scores.SelectMany(one => one.Layers).Select(score => score.Layer).Distinct().Order()];
        return LayerCurves.Draw(
            Metric,
            scores.SelectMany(one => one.Layers.Count > 0 ? one.Layers : [.. layers.Select(layer => new LayerScore(one.Method, layer, one.AtChosen, one.Count))]),
            scores.Count == 0 ? "" : $"{scores[0].Count} rows of {scores[0].Subjects} subjects; 95 % bands, pointwise, over subjects");
    }

    /// <summary>The shares at the layers chosen.</summary>
    /// <param name="scores">One a technique or control.</param>
    /// <returns>One row each.</returns>
    public static Table ToTable(params IReadOnlyList<AttributeScores> scores) => Table.Of(
        scores,
        ("method", one => one.Method), ("share right, all chosen on other rows", one => one.AtChosen),
        ("layers chosen", one => string.Join(", ", one.Chosen.Select(setting => setting.Layer).Distinct().Order())),
        ("rows", one => one.Count), ("subjects", one => one.Subjects));
}
