using System.Diagnostics;

namespace Logitscope;

/// <summary>
/// The layer sweep: for every method, layer and prompt, how well one residual foretells the model's own next token.
/// </summary>
public static class Sweep
{
    /// <summary>Runs a sweep in memory.</summary>
    /// <param name="model">Source and target model.</param>
    /// <param name="examples">The prompts.</param>
    /// <param name="options">What to run.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellation">Stops between two target runs.</param>
    /// <returns>Rows and summary.</returns>
    /// <exception cref="LogitscopeException">Prompts or options do not fit.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SweepResult Run(
        LanguageModel model,
        IEnumerable<Example> examples,
        SweepOptions? options = null,
        IProgress<SweepProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var plan = new SweepPlan(model, examples, options ?? new SweepOptions());
        var rows = new List<SweepRow>();
        Run(plan, done: 0, rows.AddRange, progress, cancellation);
        return new SweepResult(rows, SweepSummary.Of(rows, Provenance.Of(plan)));
    }

    /// <summary>Runs a sweep over texts, in memory.</summary>
    /// <param name="model">Source and target model.</param>
    /// <param name="texts">The prompts; they get a BOS as the options say.</param>
    /// <param name="options">What to run.</param>
    /// <returns>Rows and summary.</returns>
    /// <exception cref="LogitscopeException">Prompts or options do not fit.</exception>
    public static SweepResult Run(LanguageModel model, IEnumerable<string> texts, SweepOptions? options = null) =>
        Run(model, texts.Select((text, i) => new Example($"{i}", text, Ids: null)), options);

    /// <summary>
    /// Runs a sweep into a folder: <c>rows.jsonl</c> as it goes, then <c>summary.json</c>. Where the folder holds the
    /// same sweep unfinished, it goes on.
    /// </summary>
    /// <param name="plan">What to run.</param>
    /// <param name="folder">Created where it does not exist.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellation">Stops between two target runs; what is written stays.</param>
    /// <returns>Rows and summary.</returns>
    /// <exception cref="SweepException">The folder holds another sweep or cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SweepResult Run(
        SweepPlan plan,
        string folder,
        IProgress<SweepProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var journal = Journal.Open(folder, plan);
        return Run(plan, journal, progress, cancellation);
    }

    /// <summary>Runs what a journal lacks, then writes <c>summary.json</c> beside it.</summary>
    /// <param name="plan">What to run: the plan that the journal was opened with.</param>
    /// <param name="journal">The rows of earlier runs; gets the others.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellation">Stops between two blocks; what is written stays.</param>
    /// <returns>Rows and summary.</returns>
    /// <exception cref="SweepException">The folder cannot be written, or the sweep does not fit the memory.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SweepResult Run(
        SweepPlan plan,
        Journal journal,
        IProgress<SweepProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var rows = new List<SweepRow>(journal.Written);
        Run(plan, rows.Count, Keep, progress, cancellation);
        var result = new SweepResult(rows, SweepSummary.Of(rows, Provenance.Of(plan)));
        result.Summary.Write(journal.Folder);
        return result;

        void Keep(IReadOnlyList<SweepRow> batch)
        {
            journal.Append(batch);
            rows.AddRange(batch);
        }
    }

    private static void Run(
        SweepPlan plan,
        int done,
        Action<IReadOnlyList<SweepRow>> keep,
        IProgress<SweepProgress>? progress,
        CancellationToken cancellation)
    {
        SweepEstimate.CheckMemory(plan);
        var watch = Stopwatch.StartNew();
        var (computed, spent) = (0, SweepCost.Nothing);
        var first = plan.BlocksIn(done);
        foreach (var (block, rows) in SweepWorkers.For(plan).Run(plan, first, cancellation).Index())
        {
            keep(rows);
            computed += rows.Count;
            if (progress is not null)
            {
                spent += SweepCost.OfBlock(plan, first + block);
                progress.Report(new SweepProgress(
                    done + computed, plan.Cells, computed, watch.Elapsed, spent, SweepCost.Of(plan, first + block + 1)));
            }
        }
    }
}

/// <summary>What a layer sweep runs.</summary>
public sealed record SweepOptions
{
    /// <summary>The methods, in their order. Default: the reference's three.</summary>
    public IReadOnlyList<NextTokenTechnique> Techniques { get; init; } = NextTokenTechnique.Reference;

    /// <summary>
    /// Where a prompt's residuals are read. Default: at random, the same positions for all methods and layers.
    /// </summary>
    public PositionRule Positions { get; init; } = PositionRule.Random;

    /// <summary>
    /// How many positions of a prompt are read, with <see cref="PositionRule.Random"/> and
    /// <see cref="PositionRule.Anywhere"/>. Default: 1. More cost no further source pass, and most of the variance is
    /// within prompts; intervals take the positions of one prompt as belonging together.
    /// </summary>
    public int PerPrompt { get; init; } = 1;

    /// <summary>The seed of the positions. Default: 42, the reference's.</summary>
    public long Seed { get; init; } = SourcePositions.DefaultSeed;

    /// <summary>
    /// Whether prompts given as text get a BOS, the techniques' target prompts too where they do not say. Default:
    /// always, as in the reference.
    /// </summary>
    public Bos Bos { get; init; } = Bos.Always;

    /// <summary>How many prompts run together. Default: 64. Part of the plan: it decides the last bits of a result.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The part of the sweep to run. Default: all of it. <see cref="SweepMerge"/> puts parts together.</summary>
    public Shard Shard { get; init; } = Shard.Whole;
}

/// <summary>A finished sweep. It shows itself as its two charts.</summary>
/// <param name="Rows">Every cell.</param>
/// <param name="Summary">Means by method and layer.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record SweepResult(IReadOnlyList<SweepRow> Rows, SweepSummary Summary) : IDisplay
{
    /// <summary>Every cell, to be plotted or saved by other means.</summary>
    /// <returns>One row a cell, under the names of <c>rows.jsonl</c>.</returns>
    public Table ToTable() => Table.Of(
        Rows,
        ("method", row => row.Method), ("layer", row => row.Layer), ("prompt", row => row.Prompt), ("position", row => row.Position),
        ("target", row => row.Target), ("predicted", row => row.Predicted), ("precision_at_1", row => row.PrecisionAt1),
        ("surprisal", row => row.Surprisal), ("surprisal_paper", row => row.SurprisalPaper), ("kl", row => row.Kl),
        ("rank", row => row.Rank), ("margin", row => row.Margin));

    /// <summary>Any metric by layer, a curve a method, each with its pointwise 95 % band over prompts.</summary>
    /// <param name="metric">The metric, such as <see cref="SweepMetric.PrecisionAt"/> of 5.</param>
    /// <returns>The figure.</returns>
    public ChartFigure Chart(SweepMetric metric) => (Summary with
    {
        Methods = SweepSummary.InOrder(Rows).ToDictionary(method => method[0][0].Method, method => SweepCurve.Of(method, [metric], (_, _) => { })),
    }).Chart(metric);

    /// <inheritdoc/>
    public string ToHtml() => Summary.PrecisionAt1Chart().ToHtml() + Summary.SurprisalChart().ToHtml();

    /// <inheritdoc/>
    public string ToText() => Summary.PrecisionAt1Chart().ToText() + "\n" + Summary.SurprisalChart().ToText();
}

/// <summary>A sweep cannot run, or cannot go on where it is told to.</summary>
/// <param name="message">What, expected, got, where.</param>
/// <param name="inner">What caused it.</param>
public sealed class SweepException(string message, Exception? inner = null) : LogitscopeException(message, inner);
