using Logitscope.Tests.Metrics;

namespace Logitscope.Tests.Sweeps;

/// <summary>What the intervals and verdicts of a sweep are worth, on the rows of a real one.</summary>
public class FamilyTests
{
    private const int Layers = 9; // of ten: the last is the model's own distribution

    // Which method is which is drawn anew for each prompt, so that no method leads: a verdict is a false one.
    [Theory]
    [InlineData(8, 100)]
    [InlineData(1, 250)]
    public void Where_no_method_leads_some_lead_is_claimed_in_one_sweep_of_twenty(int positions, int prompts)
    {
        var first = EmbeddedSweep.Result.Rows.GroupBy(row => row.Prompt)
            .ToDictionary(prompt => prompt.Key, prompt => prompt.Select(row => row.Position).Distinct().Take(positions).ToHashSet());
        var methods = EmbeddedSweep.Rows(row => row.Prompt < prompts && first[row.Prompt].Contains(row.Position));
        var (holm, intervals, pointwise) = (0, 0, 0);
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            int[][] orders = [.. Enumerable.Range(0, prompts).Select(_ => Order(random, methods.Count))];
            SweepRow[][][] permuted =
            [
                .. methods.Select((rows, method) => rows.Take(Layers).Select((layer, l) =>
                    layer.Select((row, i) => methods[orders[row.Prompt][method]][l][i]).ToArray()).ToArray()),
            ];
            var (differences, comparisons) = SweepDifference.Family(permuted, Layers, (_, _, _) => { });
            Assert.Equal(3 * Layers * 5, comparisons);
            holm += Any(differences, (difference, metric, layer) => difference.Parts(metric, layer)) ? 1 : 0;
            intervals += Any(differences, (difference, metric, layer) => !CoverageTests.Holds(difference[metric][layer], 0)) ? 1 : 0;
            pointwise += seed < 50 && AnyUncorrected(permuted) ? 1 : 0;
        }

        Assert.InRange(holm, 1, 0.08 * 500);
        Assert.InRange(intervals, 1, 0.08 * 500);
        Assert.InRange(pointwise, 25, 50); // of fifty
        Documented.Says(
            1,
            ($"Holm, {positions} positions of {prompts} prompts", holm / 500.0),
            ($"simultaneous intervals, {positions} positions of {prompts} prompts", intervals / 500.0),
            ($"uncorrected, {positions} positions of {prompts} prompts", pointwise / 50.0));
    }

    [Fact]
    public void The_real_methods_part()
    {
        var summary = EmbeddedSweep.Result.Summary;
        Assert.Equal((3 * Layers * 5, 0), (summary.Comparisons, summary.FirstPositionShare));
        Assert.Equal([Layers], summary.IdenticalLayers);
        var lead = summary.Differences.Single(pair => (pair.Method, pair.Against) == ("logitscope", "logit-lens"));
        Assert.All(Enumerable.Range(0, Layers), layer => Assert.True(lead.Leads(SweepMetric.PrecisionAt1, layer)));
        Assert.All(SweepMetric.All, metric => Assert.Equal((new(0, 0, 0), 1), (lead[metric][Layers], lead.P(metric)[Layers])));
        Assert.All(SweepMetric.All, metric => Assert.False(lead.Parts(metric, Layers)));
        var curve = summary.Methods["logitscope"];
        Assert.Equal(250, curve.Prompts);
        Assert.InRange(curve.Positions, 7.9 * 250, 8 * 250);
    }

    // 300 rows at a time of all of a layer's: Hall's t covers where Student's does not.
    [Fact]
    public void Divergence_and_reciprocal_rank_near_the_top_are_covered()
    {
        foreach (var method in EmbeddedSweep.Rows(_ => true))
        {
            foreach (var (metric, layer) in new[] { (SweepMetric.Kl, 8), (SweepMetric.Kl, 6), (SweepMetric.Mrr, 8), (SweepMetric.Surprisal, 8) })
            {
                double[] population = [.. method[layer].Select(metric.Of)];
                var (hall, student) = CoverageTests.Simulate(
                    1000, population.Average(), seed: layer, random => random.GetItems(population, 300));
                Assert.True(hall > 0.91, $"{metric.Key} of {method[0][0].Method} at {layer}: {hall} of Hall, {student} of Student");
                if (metric == SweepMetric.Kl && layer == 8)
                {
                    Documented.Says(
                        1.5,
                        ($"Hall's, KL at layer 8, {method[0][0].Method}, 300 rows", hall),
                        ($"Student's, KL at layer 8, {method[0][0].Method}, 300 rows", student));
                }
            }
        }
    }

    // 40 prompts at a time, all their positions: bands are over prompts.
    [Fact]
    public void Positions_of_one_prompt_belong_together()
    {
        foreach (var method in EmbeddedSweep.Rows(_ => true))
        {
            var prompts = method[4].GroupBy(row => row.Prompt).Select(prompt => prompt.ToArray()).ToArray();
            var truth = method[4].Average(SweepMetric.PrecisionAt1.Of);
            var random = new Random(4);
            var (grouped, apart) = (0, 0);
            for (var run = 0; run < 1000; run++)
            {
                var drawn = random.GetItems(prompts, 40).Index().SelectMany(
                    prompt => prompt.Item, (prompt, row) => (Group: prompt.Index, Value: SweepMetric.PrecisionAt1.Of(row))).ToArray();
                double[] values = [.. drawn.Select(row => row.Value)];
                grouped += CoverageTests.Holds(new Sample(values, [.. drawn.Select(row => row.Group)]).Share(), truth) ? 1 : 0;
                apart += CoverageTests.Holds(new Sample(values).Share(), truth) ? 1 : 0;
            }

            Assert.InRange(grouped, 930, 975);
            Assert.True(apart < grouped, $"{apart} of 1000 without groups, {grouped} with");
        }
    }

    // At the BOS every prompt has one residual. Logitscope's target is a BOS and "?": with the BOS's own residual in the
    // place of "?", attention reads the same value from both, and the target says what the source says, at every layer.
    [Fact]
    public void At_the_BOS_logitscope_says_what_the_model_says_and_so_it_is_no_observation()
    {
        using var model = LanguageModel.Load();
        var rows = Sweep.Run(model, [new Example("empty", "", null)], cancellation: TestContext.Current.CancellationToken).Rows;
        Assert.All(rows, row => Assert.Equal(0, row.Position));
        var kl = rows.ToLookup(row => row.Method, row => row.Kl);
        Assert.All(kl["logitscope"], divergence => Assert.InRange(divergence, 0, 1e-5));
        Assert.Contains(kl["logit-lens"], divergence => divergence > 1);
        Assert.Contains(kl["token-identity"], divergence => divergence > 1e-3);
        Assert.DoesNotContain(EmbeddedSweep.Result.Rows, row => row.Position == 0);
        var reference = Sweep.Run(
            model, ExampleFile.Read(Repository.File("data", "prompts.jsonl"), 20), new() { Positions = PositionRule.Reference },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(reference.Rows.Count(row => row.Position == 0) / 600.0, reference.Summary.FirstPositionShare, 12);
        Assert.InRange(reference.Summary.FirstPositionShare, 0.005, 0.1);
        Assert.Contains("are read at position 0", reference.Summary.ToPage().ToHtml(plotly: null), StringComparison.Ordinal);
    }

    // Holm, 1979: p of 0.01, 0.02, 0.03 and 0.04 become 4 p, 3 p, 2 p and p, never falling.
    [Fact]
    public void Holms_adjustment_by_hand()
    {
        var adjusted = SweepDifference.Holm([0.03, 0.01, 0.04, 0.02]);
        double[] expected = [0.06, 0.04, 0.06, 0.06];
        Assert.All(expected.Zip(adjusted), pair => Assert.Equal(pair.First, pair.Second, 12));
        Assert.Equal([1, 1], SweepDifference.Holm([0.6, 0.9]));
        Assert.Empty(SweepDifference.Holm([]));
    }

    // Beside the rest of the noise, what two methods share is taken out: paired differences vary less than unpaired ones.
    [Fact]
    public void Pairing_takes_out_a_part_of_the_noise()
    {
        var methods = EmbeddedSweep.Rows(_ => true);
        foreach (var metric in new[] { SweepMetric.PrecisionAt1, SweepMetric.Surprisal })
        {
            var ratios =
                from layer in Enumerable.Range(0, Layers)
                from b in Enumerable.Range(0, 3)
                from a in Enumerable.Range(0, b)
                let one = methods[b][layer].Select(metric.Of).ToArray()
                let other = methods[a][layer].Select(metric.Of).ToArray()
                select Variance([.. one.Zip(other, (x, y) => x - y)]) / (Variance(one) + Variance(other));
            Assert.InRange(ratios.Average(), 0.25, 0.7);
            Documented.Says(1.5, ($"variance of a paired difference in {metric.Chart.Name} beside an unpaired one's, mean of pairs and layers", ratios.Average()));
        }

        static double Variance(double[] values)
        {
            var mean = values.Average();
            return values.Average(x => (x - mean) * (x - mean));
        }
    }

    private static bool Any(IReadOnlyList<SweepDifference> differences, Func<SweepDifference, SweepMetric, int, bool> claims) =>
        differences.Any(difference => SweepMetric.All.Any(metric => Enumerable.Range(0, Layers).Any(layer => claims(difference, metric, layer))));

    private static bool AnyUncorrected(SweepRow[][][] methods) =>
        (from b in Enumerable.Range(0, methods.Length)
         from a in Enumerable.Range(0, b)
         from metric in SweepMetric.All
         from layer in Enumerable.Range(0, Layers)
         select metric.P(new Sample(
             [.. methods[b][layer].Zip(methods[a][layer], (one, other) => metric.Of(one) - metric.Of(other))],
             [.. methods[b][layer].Select(row => row.Prompt)]))).Any(p => p <= 0.05);

    private static int[] Order(Random random, int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        return order;
    }
}
