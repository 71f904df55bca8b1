using Logitscope.Tests.Models;
using static Logitscope.Tests.Sweeps.SmallSweep;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

public class SweepPlanTests
{
    [Fact]
    public void Equal_plans_have_one_hash()
    {
        using var first = OpenModel();
        using var second = OpenModel();
        Assert.Matches("^[0-9a-f]{64}$", Plan(first).Hash());
        Assert.Equal(Plan(first).Hash(), Plan(second).Hash());
        var renamed = Examples.Select(example => new Example("renamed", null, example.Ids));
        Assert.Equal(Plan(first).Hash(), new SweepPlan(second, renamed, Options).Hash());
    }

    [Fact]
    public void Whatever_decides_a_row_changes_the_hash()
    {
        using var scope = NewDisposeScope();
        using var model = OpenModel();
        using var single = OpenModel(float32);
        using var changed = OpenModel();
        changed.Weights["lm_head.bias"].narrow(0, 0, 1).mul_(1.5);
        NextTokenTechnique lens = NextTokenTechnique.LogitLens, bare = Options.Techniques[1];
        NextTokenTechnique otherLens = NextTokenTechnique.LogitLensPatchscope;
        NextTokenTechnique otherBare = new LogitscopeTechnique { Target = new("") { Ids = [60, 38] } };
        Example longer = new("4", null, [.. Examples[4].Ids!, 0]);
        Dictionary<string, string> hashes = new()
        {
            ["as it is"] = Plan(model).Hash(),
            ["element type"] = Plan(single).Hash(),
            ["a weight"] = Plan(changed).Hash(),
            ["batch size"] = Plan(model, Options with { BatchSize = 3 }).Hash(),
            ["seed"] = Plan(model, Options with { Seed = 43 }).Hash(),
            ["position rule"] = Plan(model, Options with { Positions = PositionRule.Last }).Hash(),
            ["several positions"] = Plan(model, Options with { PerPrompt = 2 }).Hash(),
            ["reference positions"] = Plan(model, Options with { Positions = PositionRule.Reference }).Hash(),
            ["fewer methods"] = Plan(model, Options with { Techniques = [lens] }).Hash(),
            ["order of methods"] = Plan(model, Options with { Techniques = [bare, lens] }).Hash(),
            ["another method"] = Plan(model, Options with { Techniques = [otherLens, bare] }).Hash(),
            ["another mapping"] = Plan(model, Options with { Techniques = [lens, new Mapped(bare)] }).Hash(),
            ["target prompt"] = Plan(model, Options with { Techniques = [lens, otherBare] }).Hash(),
            ["fewer prompts"] = new SweepPlan(model, Examples[..4], Options).Hash(),
            ["order of prompts"] = new SweepPlan(model, Examples.Reverse(), Options).Hash(),
            ["a longer prompt"] = new SweepPlan(model, [.. Examples[..4], longer], Options).Hash(),
        };
        Assert.Equal(hashes.Count, hashes.Values.Distinct().Count());
    }

    [Fact]
    public void A_BOS_reaches_the_target_prompts_and_the_hash_though_the_prompts_are_ids()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModel.WithTokenizer(folder);
        Example[] examples = [new("0", null, [1, 2, 3])];
        var always = new SweepPlan(model, examples, new());
        var never = new SweepPlan(model, examples, new() { Bos = Logitscope.Bos.Never });
        Assert.All(always.TargetIds.Values, ids => Assert.Equal(model.Tokenizer.BosId, ids[0]));
        Assert.All(never.TargetIds, target => Assert.Equal(always.TargetIds[target.Key].Skip(1), target.Value));
        Assert.Equal(2, never.TargetIds.Count);
        Assert.NotEqual(always.Hash(), never.Hash());
    }

    [Fact]
    public void Blocks_are_whole_batches_and_the_last_may_be_partial()
    {
        using var model = OpenModel();
        var plan = Plan(model);
        Assert.Equal((3, 30, 6), (plan.Blocks, plan.Cells, plan.CellsPerPosition));
        Assert.Equal([2, 2, 1], Enumerable.Range(0, 3).Select(block => plan.PromptsOf(block).Count));
        Assert.Equal([12, 12, 6], Enumerable.Range(0, 3).Select(plan.RowsOf));
        Assert.Equal([0, 1, 2, 3], new[] { 0, 12, 24, 30 }.Select(plan.BlocksIn));
        Assert.Equal(1, Plan(model, Options with { BatchSize = 64 }).Blocks);
        Assert.Equal(1, Plan(model, Options with { BatchSize = 64 }).BlocksIn(30));
    }

    // Prompts of 5, 9, 1, 12 and 7 tokens; one that has fewer than four positions gives all that it has.
    [Fact]
    public void Blocks_of_several_positions_a_prompt()
    {
        using var model = OpenModel();
        var plan = Plan(model, Options with { PerPrompt = 4 });
        Assert.Equal([4, 4, 1, 4, 4], Enumerable.Range(0, 5).Select(plan.DrawsOf));
        int[] rows = [.. Enumerable.Range(0, 3).Select(plan.RowsOf)];
        Assert.Equal(rows, Enumerable.Range(0, 3).Select(block => 6 * plan.PromptsOf(block).Sum(plan.DrawsOf)));
        Assert.Equal((17 * 6, 17 * 6), (plan.Cells, rows.Sum()));
        Assert.Equal([0, 1, 2, 3], new[] { 0, rows[0], rows[0] + rows[1], rows.Sum() }.Select(plan.BlocksIn));
        Assert.Equal(4, Provenance.Of(plan).PerPrompt);
    }

    [Fact]
    public void Prompts_of_like_length_share_a_batch_the_longest_first()
    {
        using var model = OpenModel();
        var plan = Plan(model, Options with { Positions = PositionRule.Last });
        Assert.Equal([[3, 1], [4, 0], [2]], Enumerable.Range(0, 3).Select(plan.PromptsOf));
        Assert.Equal([4, 8, 0, 11, 6], Enumerable.Range(0, 5).Select(plan.LastPositionOf));
    }

    [Fact]
    public void Provenance_says_what_made_the_rows()
    {
        using var model = OpenModel();
        var plan = Plan(model);
        var provenance = Provenance.Of(plan);
        Assert.Equal(
            ("gptj", model.Fingerprint, "float64", "cpu", "random", 42, "always", 2, plan.Hash()),
            (provenance.Architecture, provenance.Model, provenance.Dtype, provenance.Device, provenance.Positions,
                provenance.Seed, provenance.Bos, provenance.BatchSize, provenance.Plan));
        Assert.Equal([60, 39], Assert.Single(provenance.Targets, target => target.Key == "logitscope").Value);
        Assert.Equal(TorchRuntime.Version, provenance.Libtorch);
        Assert.StartsWith("0.1.0", provenance.Library, StringComparison.Ordinal);
    }

    private sealed record Mapped(NextTokenTechnique Plain) : NextTokenTechnique
    {
        public override string Name => Plain.Name;

        public override Reading ReadingOf(LanguageModel model, int layer) =>
            Plain.ReadingOf(model, layer) with { Mapping = new Negative() };
    }

    private sealed record Negative : Mapping
    {
        public override string Name => "negative";

        public override Tensor Apply(Tensor residual) => residual.neg();
    }
}
