using System.Text;
using static Logitscope.Tests.Models.TinyModel;
using static Logitscope.Tests.Sweeps.SmallSweep;

namespace Logitscope.Tests.Sweeps;

public sealed class JournalTests : IDisposable
{
    private readonly LanguageModel _model = OpenModel();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    // The file is cut at places of every kind, as a kill would leave it, and the sweep is told to go on.
    [Fact]
    public void A_sweep_cut_anywhere_goes_on_to_the_same_bytes()
    {
        var result = RunInto(_folder, Plan(_model));
        var (rows, summary) = (File.ReadAllBytes(RowsIn(_folder)), File.ReadAllBytes(Summary(_folder)));
        int[] ends = [.. rows.Index().Where(b => b.Item == '\n').Select(b => b.Index + 1)];
        Assert.Equal(30, ends.Length);
        (string Where, int Cut, int Kept)[] cuts =
        [
            ("at the start", 0, 0),
            ("in the first line", 1, 0),
            ("before the first newline", ends[0] - 1, 0),
            ("after a line", ends[0], 0),
            ("in a batch", ends[4] + 20, 0),
            ("before a batch's last newline", ends[11] - 1, 0),
            ("after a batch", ends[11], 12),
            ("after a line of the second batch", ends[12], 12),
            ("in the second batch", ends[17] + 3, 12),
            ("after the second batch", ends[23], 24),
            ("in the last, partial batch", ends[26] + 7, 24),
            ("before the last newline", rows.Length - 1, 24),
            ("at the end", rows.Length, 30),
        ];
        foreach (var (where, cut, kept) in cuts)
        {
            using var folder = new TemporaryFolder();
            File.Copy(PlanFile(_folder), PlanFile(folder));
            folder.Write(Journal.RowsFile, rows[..cut]);
            var computed = 0;
            var listener = new Listener(progress => computed = progress.Computed);
            var resumed = Sweep.Run(Plan(_model), folder.Path, listener, TestContext.Current.CancellationToken);
            Assert.Equal((where, 30 - kept), (where, computed));
            Assert.Equal(result.Rows, resumed.Rows);
            Assert.Equal(rows, File.ReadAllBytes(RowsIn(folder)));
            Assert.Equal(summary, File.ReadAllBytes(Summary(folder)));
        }
    }

    [Fact]
    public void A_cancelled_sweep_goes_on_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        RunInto(_folder, Plan(_model));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () => Sweep.Run(Plan(_model), folder.Path, new Listener(_ => stop.Cancel()), stop.Token));
        Assert.Equal(12, Journal.Read(folder.Path).Count);
        Assert.False(File.Exists(Summary(folder)));

        RunInto(folder, Plan(_model));
        Assert.Equal(File.ReadAllBytes(RowsIn(_folder)), File.ReadAllBytes(RowsIn(folder)));
        Assert.Equal(File.ReadAllBytes(Summary(_folder)), File.ReadAllBytes(Summary(folder)));
    }

    [Fact]
    public void A_sweep_stopped_before_it_began_leaves_a_folder_that_goes_on()
    {
        var stopped = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => Sweep.Run(Plan(_model), _folder.Path, cancellation: stopped));
        Assert.Empty(Journal.Read(_folder.Path));
        Assert.Equal(30, RunInto(_folder, Plan(_model)).Rows.Count);
    }

    [Fact]
    public void In_a_folder_and_in_memory_a_sweep_is_the_same()
    {
        var result = RunInto(_folder, Plan(_model));
        Assert.Equal(Run(_model, Options).Rows, result.Rows);
        Assert.Equal(result.Rows, Journal.Read(_folder.Path));
        Assert.Equal(result.Summary.ToJson(), SweepSummary.Read(_folder.Path).ToJson());
    }

    [Fact]
    public void The_folder_of_another_sweep_is_refused_and_stays_as_it_is()
    {
        RunInto(_folder, Plan(_model));
        Untouched(() => Plan(_model, Options with { Seed = 7 }), "another model, data, options or version");
    }

    // As a notebook does it: a weight is set to zero between two sweeps into one folder.
    [Fact]
    public void The_folder_of_a_model_before_its_ablation_is_refused_and_stays_as_it_is()
    {
        RunInto(_folder, Plan(_model));
        _model.Weights["transformer.h.1.attn.out_proj.weight"].select(0, 7).zero_();
        Untouched(() => Plan(_model), "another model, data, options or version");
    }

    [Fact]
    public void A_mapping_whose_parameters_are_declared_is_resumed_and_one_with_others_is_refused()
    {
        SweepPlan Scaled(double factor) => Plan(_model, Options with
        {
            Techniques = [new Mapped(Mapping.Of("scaled", residual => residual * factor, ("factor", factor)))],
        });
        var rows = RunInto(_folder, Scaled(2)).Rows;
        Assert.Equal(rows, RunInto(_folder, Scaled(2)).Rows);
        Untouched(() => Scaled(3), "another model, data, options or version");
    }

    [Fact]
    public void A_mapping_that_declares_no_parameters_is_never_resumed()
    {
        var options = Options with { Techniques = [new Mapped(Mapping.Of("scaled", residual => residual * 2))] };
        RunInto(_folder, Plan(_model, options));
        Untouched(() => Plan(_model, options), "the mapping 'scaled' declares no parameters");
        var shard = options with { Shard = new Shard(1, 2) };
        Says(Assert.Throws<SweepException>(() => Plan(_model, shard)), "shard 1/2", "'scaled'");
    }

    [Fact]
    public void A_folder_whose_rows_no_plan_claims_is_refused_and_stays_as_it_is()
    {
        RunInto(_folder, Plan(_model));
        File.Delete(PlanFile(_folder));
        Untouched(() => Plan(_model), "rows without plan.json");
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"method":"logit-lens","layer":0}""")]
    public void A_broken_line_is_told_with_its_number_and_nothing_is_lost(string line)
    {
        RunInto(_folder, Plan(_model));
        var lines = File.ReadAllLines(RowsIn(_folder));
        lines[2] = line;
        _folder.Write(Journal.RowsFile, string.Join('\n', lines) + "\n");
        Untouched(() => Plan(_model), "rows.jsonl:3: expected a row");
        Says(Assert.Throws<SweepException>(() => Journal.Read(_folder.Path)), "rows.jsonl:3: expected a row");
    }

    [Fact]
    public void Two_sweeps_do_not_share_a_folder()
    {
        using var journal = Journal.Open(_folder.Path, Plan(_model));
        Says(Assert.Throws<SweepException>(() => Journal.Open(_folder.Path, Plan(_model))), _folder.Path);
    }

    [Fact]
    public void A_folder_of_other_files_is_left_alone()
    {
        var other = _folder.Write("thesis.tex", "all of it");
        Says(Assert.Throws<SweepException>(() => Journal.Open(_folder.Path, Plan(_model))), _folder.Path, "thesis.tex");
        Assert.Equal([other], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Hidden_files_and_other_parts_do_not_stand_in_the_way()
    {
        _folder.Write(".gitignore", "*");
        _folder.Write("shard-2-of-2/rows.jsonl", "");
        Assert.Equal(30, RunInto(_folder, Plan(_model)).Rows.Count);
    }

    [Fact]
    public void A_kill_while_the_plan_was_written_leaves_a_folder_that_goes_on()
    {
        _folder.Write(Journal.RowsFile, "");
        _folder.Write("plan.json", "{\"hash\":\"0123");
        Assert.Equal(30, RunInto(_folder, Plan(_model)).Rows.Count);
    }

    [Fact]
    public void A_place_that_cannot_be_written_or_read_is_told()
    {
        var underFile = Path.Combine(_folder.Write("file", ""), "folder");
        Says(Assert.Throws<SweepException>(() => Journal.Open(underFile, Plan(_model))), "cannot be written");
        Says(Assert.Throws<SweepException>(() => Journal.Read(_folder.Path)), Journal.RowsFile, "cannot be read");
        Says(Assert.Throws<SweepException>(() => SweepSummary.Read(_folder.Path)), SweepSummary.File);
    }

    // Other programs read the file: names, order and numbers are a contract.
    [Fact]
    public void A_line_is_written_to_the_letter()
    {
        using (var journal = Journal.Open(_folder.Path, Plan(_model)))
        {
            var score = new NextTokenScore(7, 9, 0.1, 2.5, 1e-10, 3, double.PositiveInfinity);
            journal.Append([new SweepRow("logit-lens", 2, 0, 4, score)]);
        }

        Assert.Equal(
            """
            {"method":"logit-lens","layer":2,"prompt":0,"position":4,"target":7,"predicted":9,"precision_at_1":0,
            "surprisal":0.1,"surprisal_paper":2.5,"kl":1E-10,"rank":3,"margin":"Infinity"}
            """.ReplaceLineEndings("") + "\n",
            File.ReadAllText(RowsIn(_folder)));
        Assert.Equal(double.PositiveInfinity, Assert.Single(Journal.Read(_folder.Path)).Margin);
    }

    private static string PlanFile(TemporaryFolder folder) => Path.Combine(folder.Path, "plan.json");

    private static string Summary(TemporaryFolder folder) => Path.Combine(folder.Path, SweepSummary.File);

    private void Untouched(Func<SweepPlan> plan, string message)
    {
        var before = Contents();
        Says(Assert.Throws<SweepException>(() => RunInto(_folder, plan())), message);
        Assert.Equal(before, Contents());
    }

    private string Contents()
    {
        var text = new StringBuilder();
        foreach (var path in Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal))
        {
            text.Append($"{Path.GetFileName(path)} {Convert.ToHexString(File.ReadAllBytes(path))}\n");
        }

        return text.ToString();
    }

    private sealed record Mapped(Mapping Mapping) : NextTokenTechnique
    {
        public override string Name => "mapped";

        public override Reading ReadingOf(LanguageModel model, int layer) =>
            new Reading.InPrompt(model.FromIds([60, 39]), layer) { Mapping = Mapping };
    }
}
