using static Logitscope.Tests.Models.TinyModel;
using static Logitscope.Tests.Sweeps.SmallSweep;

namespace Logitscope.Tests.Sweeps;

public sealed class ShardTests : IDisposable
{
    private readonly LanguageModel _model = OpenModel();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(2, 2)]
    public void Parts_merged_are_the_bytes_of_one_run(int batchSize, int parts)
    {
        var options = Options with { BatchSize = batchSize };
        using var single = new TemporaryFolder();
        RunInto(single, Plan(_model, options));
        foreach (var number in Enumerable.Range(1, parts).Reverse())
        {
            RunPart(options, new Shard(number, parts));
        }

        var merged = SweepMerge.Run(_folder.Path);
        foreach (var file in new[] { Journal.RowsFile, SweepSummary.File, "plan.json" })
        {
            Assert.Equal(File.ReadAllText(single.PathOf(file)), File.ReadAllText(_folder.PathOf(file)));
        }

        Assert.Equal(Journal.Read(single.Path), merged.Rows);
        Assert.Equal(merged.Rows, RunInto(_folder, Plan(_model, options)).Rows); // the merged folder is a finished sweep's
    }

    [Fact]
    public void Several_positions_a_prompt_go_on_where_they_were_cut_and_merge_too()
    {
        var options = Options with { PerPrompt = 4 };
        using var single = new TemporaryFolder();
        RunInto(single, Plan(_model, options));
        var rows = File.ReadAllLines(RowsIn(single));
        Assert.Equal(17 * 6, rows.Length);
        RunPart(options, new Shard(1, 2));
        RunPart(options, new Shard(2, 2));
        SweepMerge.Run(_folder.Path);
        Assert.Equal(rows, File.ReadAllLines(RowsIn(_folder)));
        File.WriteAllLines(RowsIn(_folder), rows[..55]); // a batch of 48 rows and a part of the next
        RunInto(_folder, Plan(_model, options));
        Assert.Equal(rows, File.ReadAllLines(RowsIn(_folder)));
    }

    [Fact]
    public void Every_batch_is_in_one_part()
    {
        var options = Options with { BatchSize = 1 };
        var whole = Plan(_model, options);
        foreach (var parts in Enumerable.Range(1, 5))
        {
            var plans = Enumerable.Range(1, parts).Select(n => Plan(_model, options with { Shard = new(n, parts) })).ToArray();
            Assert.Equal(whole.Cells, plans.Sum(plan => plan.Cells));
            Assert.All(plans, plan => Assert.Equal(whole.Hash(), plan.Hash()));
            Assert.Equal(
                Enumerable.Range(0, 5).Select(whole.PromptsOf),
                Enumerable.Range(0, 5).Select(block => plans[block % parts].PromptsOf(block / parts)));
        }
    }

    [Fact]
    public void What_is_no_whole_sweep_is_not_merged_and_nothing_is_written()
    {
        Refused("shard-1-of-n, got none");
        RunPart(Options, new Shard(1, 2));
        Refused("expected shard 2/2 once, got it 0 times");
        var second = RunPart(Options, new Shard(2, 2));
        var rows = File.ReadAllLines(Path.Combine(second, Journal.RowsFile));
        File.WriteAllLines(Path.Combine(second, Journal.RowsFile), rows[..^1]);
        Refused($"shard 2/2 is unfinished: expected {rows.Length} rows, got {rows.Length - 1}");
        Directory.Delete(second, recursive: true);
        RunPart(Options with { Seed = 7 }, new Shard(2, 2));
        Refused("another sweep");
        Directory.Delete(second, recursive: true);
        RunPart(Options, new Shard(2, 3));
        Refused("another sweep");
    }

    [Fact]
    public void The_part_of_an_ablated_model_is_not_merged_with_its_parents()
    {
        RunPart(Options, new Shard(1, 2));
        using (var ablated = OpenModel())
        {
            ablated.Weights["transformer.h.1.mlp.fc_in.weight"][3, 5] *= 2;
            Sweep.Run(
                Plan(ablated, Options with { Shard = new(2, 2) }), new Shard(2, 2).FolderIn(_folder.Path), cancellation: TestContext.Current.CancellationToken);
        }

        Refused("another sweep");
    }

    [Fact]
    public void The_folder_of_another_part_is_refused()
    {
        RunInto(_folder, Plan(_model, Options with { Shard = new(1, 2) }));
        Says(
            Assert.Throws<SweepException>(() => RunInto(_folder, Plan(_model, Options with { Shard = new(2, 2) }))),
            "expected shard 2/2", "got 1/2");
    }

    [Theory]
    [InlineData("3/8", "", 3, 8)]
    [InlineData("1/1", "", 1, 1)]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=2 SLURM_ARRAY_TASK_COUNT=10", 4, 10)]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=10", 1, 10)]
    [InlineData("auto/8", "JOB_COMPLETION_INDEX=0", 1, 8)]
    [InlineData("auto/8", "JOB_COMPLETION_INDEX=7", 8, 8)]
    [InlineData("auto/8", "SLURM_ARRAY_TASK_ID=3", 4, 8)]
    public void A_part_is_named_or_taken_from_the_scheduler(string text, string environment, int number, int count)
    {
        var shard = Shard.Parse(text, Variables(environment));
        Assert.Equal((number, count), (shard.Number, shard.Count));
    }

    [Theory]
    [InlineData("0/8", "", "got 0/8")]
    [InlineData("9/8", "", "got 9/8")]
    [InlineData("1/0", "", "got 1/0")]
    [InlineData("3", "", "expected 3/8, auto or auto/8")]
    [InlineData("a/b", "", "expected 3/8, auto or auto/8")]
    [InlineData("", "", "expected 3/8, auto or auto/8")]
    [InlineData("auto", "", "neither is set")]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=1", "neither is set")]
    [InlineData("auto/8", "", "neither is set")]
    [InlineData("auto/8", "JOB_COMPLETION_INDEX=8", "got 9/8")]
    [InlineData("auto/8", "JOB_COMPLETION_INDEX=x", "JOB_COMPLETION_INDEX: expected a number, got 'x'")]
    public void No_part_is_guessed(string text, string environment, string message) =>
        Says(Assert.Throws<SweepException>(() => Shard.Parse(text, Variables(environment))), message);

    [Fact]
    public void More_parts_than_batches_are_refused() => Says(
        Assert.Throws<SweepException>(() => Plan(_model, Options with { Shard = new(4, 4) })),
        "no more parts than batches of 2 prompts", "got 4 parts of 5 prompts");

    private static Func<string, string?> Variables(string environment)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => text.Split('=')).ToDictionary(parts => parts[0], parts => parts[1]);
        return variables.GetValueOrDefault;
    }

    private string RunPart(SweepOptions options, Shard shard)
    {
        var folder = shard.FolderIn(_folder.Path);
        Sweep.Run(Plan(_model, options with { Shard = shard }), folder, cancellation: TestContext.Current.CancellationToken);
        return folder;
    }

    private void Refused(string message)
    {
        Says(Assert.Throws<SweepException>(() => SweepMerge.Run(_folder.Path)), message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }
}
