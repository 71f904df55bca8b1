using FsCheck;
using FsCheck.Fluent;
using Logitscope.Tests.Tokenizers;

namespace Logitscope.Tests.Datasets;

public class SourcePositionsTests
{
    private static readonly Arbitrary<int[][]> s_prompts = Gen.Choose(0, 256)
        .NonEmptyListOf().Select(ids => ids.ToArray())
        .NonEmptyListOf().Select(prompts => prompts.ToArray())
        .ToArbitrary();

    [Fact]
    public void Last_is_the_last_position_of_each_prompt()
    {
        var positions = SourcePositions.Choose(PositionRule.Last, Prompts([1, 2, 3], [4]), methods: 2, layers: 3);
        Assert.Equal([2, 0], Cells(positions, methods: 1, layers: 1, prompts: 2));
        Assert.Equal(2, positions[1, 2, 0]);
    }

    // python3 -c "import random; random.seed(42)
    //   print([random.randint(0, n-1) for m in range(2) for l in range(3) for n in (5, 1, 17)])"
    [Fact]
    public void Reference_replays_CPython_by_method_then_layer_then_prompt()
    {
        var prompts = Prompts(new int[5], new int[1], new int[17]);
        var positions = SourcePositions.Choose(PositionRule.Reference, prompts, methods: 2, layers: 3);
        Assert.Equal([0, 0, 8, 1, 0, 4, 0, 0, 13, 0, 0, 2, 1, 0, 16, 4, 0, 6], Cells(positions, 2, 3, 3));
    }

    // python3 -c "import hashlib, struct
    //   for seed, n in ((42,1),(42,2),(42,3),(42,10),(42,100),(42,280),(-1,280)):
    //     h = hashlib.sha256(struct.pack('<q', seed) + b''.join(struct.pack('<i', i) for i in range(n))).digest()
    //     print(int.from_bytes(h[:8], 'little') * n >> 64)"
    [Theory]
    [InlineData(42, 1, 0)]
    [InlineData(42, 2, 0)]
    [InlineData(42, 3, 2)]
    [InlineData(42, 10, 3)]
    [InlineData(42, 100, 29)]
    [InlineData(42, 280, 88)]
    [InlineData(-1, 280, 258)]
    public void Random_is_the_hash_that_its_documentation_says(long seed, int count, int expected)
    {
        var prompt = Vocabularies.Small.FromIds(Enumerable.Range(0, count));
        Assert.Equal(expected, SourcePositions.Choose(PositionRule.Random, [prompt], 1, 1, seed)[0, 0, 0]);
    }

    // The first of several is the draw of one alone; the others hash their number too.
    // python3 -c "import hashlib, struct
    //   left = list(range(10))
    //   for draw in range(4):
    //     data = struct.pack('<q', 42) + b''.join(struct.pack('<i', i) for i in range(10)) + (struct.pack('<i', draw) if draw else b'')
    //     print(left.pop(int.from_bytes(hashlib.sha256(data).digest()[:8], 'little') * len(left) >> 64))"
    [Fact]
    public void Several_of_a_prompt_are_different_ones_and_a_short_prompt_gives_all()
    {
        Prompt[] prompts = [Vocabularies.Small.FromIds(Enumerable.Range(0, 10)), Vocabularies.Small.FromIds([7, 8])];
        var positions = SourcePositions.Choose(PositionRule.Random, prompts, 2, 2, perPrompt: 4);
        Assert.Equal((4, 2), (positions.CountOf(0), positions.CountOf(1)));
        Assert.Equal([3, 8, 4, 1], Enumerable.Range(0, 4).Select(draw => positions[1, 1, 0, draw]));
        Assert.Equal([0, 1], Enumerable.Range(0, 2).Select(draw => positions[0, 1, 1, draw]).Order());
        Assert.Throws<ArgumentOutOfRangeException>(() => positions[0, 0, 1, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => positions.CountOf(2));
    }

    [Theory]
    [InlineData(PositionRule.Last, 2)]
    [InlineData(PositionRule.Reference, 8)]
    [InlineData(PositionRule.Random, 0)]
    public void Several_of_a_rule_that_gives_one_are_refused(PositionRule rule, int perPrompt)
    {
        var error = Assert.Throws<DatasetException>(() => SourcePositions.Choose(rule, Prompts([1, 2]), 1, 1, perPrompt: perPrompt));
        Assert.Contains($"got {perPrompt} with the rule {rule}", error.Message);
    }

    [Fact]
    public void A_BOS_that_encoding_put_in_front_is_drawn_only_where_there_is_nothing_else_or_it_is_asked_for()
    {
        Prompt[] texts = [.. Enumerable.Range(0, 200).Select(i => Vocabularies.Small.Encode($"{i} x"))];
        int[] random = [.. Cells(SourcePositions.Choose(PositionRule.Random, texts, 1, 1), 1, 1, texts.Length)];
        Assert.Equal(1, random.Min());
        Assert.Equal(texts.Max(text => text.Count) - 1, random.Max());
        Assert.Contains(0, Cells(SourcePositions.Choose(PositionRule.Anywhere, texts, 1, 1), 1, 1, texts.Length));
        Assert.Equal(0, SourcePositions.Choose(PositionRule.Random, [Vocabularies.Small.Encode("")], 1, 1)[0, 0, 0]);
        Prompt[] chosen = [.. texts.Select(text => Vocabularies.Small.FromIds(text.Ids))]; // the same ids, by hand
        Assert.Equal(
            Cells(SourcePositions.Choose(PositionRule.Anywhere, texts, 1, 1), 1, 1, texts.Length),
            Cells(SourcePositions.Choose(PositionRule.Random, chosen, 1, 1), 1, 1, texts.Length));
    }

    [Fact]
    public void Random_depends_on_neither_the_other_prompts_nor_method_nor_layer() =>
        Prop.ForAll(s_prompts, ids =>
            {
                var prompts = Prompts(ids);
                var together = SourcePositions.Choose(PositionRule.Random, prompts, methods: 3, layers: 4);
                var reversed = SourcePositions.Choose(PositionRule.Random, [.. prompts.AsEnumerable().Reverse()], 1, 1);
                for (var prompt = 0; prompt < prompts.Length; prompt++)
                {
                    var alone = SourcePositions.Choose(PositionRule.Random, [prompts[prompt]], 1, 1)[0, 0, 0];
                    Assert.Equal(alone, together[2, 3, prompt]);
                    Assert.Equal(alone, together[0, 0, prompt]);
                    Assert.Equal(alone, reversed[0, 0, prompts.Length - 1 - prompt]);
                }
            })
            .Holds(cases: 200);

    [Fact]
    public void Every_rule_stays_inside_the_prompt() =>
        Prop.ForAll(s_prompts, Gen.Elements(Enum.GetValues<PositionRule>()).ToArbitrary(), (ids, rule) =>
            {
                var positions = SourcePositions.Choose(rule, Prompts(ids), methods: 2, layers: 3, seed: ids.Length);
                for (var prompt = 0; prompt < ids.Length; prompt++)
                {
                    Assert.InRange(positions[1, 2, prompt], 0, ids[prompt].Length - 1);
                }
            })
            .Holds(cases: 300);

    [Fact]
    public void Random_reaches_every_position_about_as_often_and_the_seed_matters()
    {
        var prompts = Prompts([.. Enumerable.Range(0, 10_240).Select(i => new[] { i / 256, i % 256, 7, 7, 7 })]);
        int[] draws = [.. Cells(SourcePositions.Choose(PositionRule.Random, prompts, 1, 1), 1, 1, prompts.Length)];
        var counts = draws.CountBy(position => position).ToList();
        Assert.Equal(5, counts.Count);
        // 2,048 expected, standard deviation 40.
        Assert.All(counts, position => Assert.InRange(position.Value, 1850, 2250));
        var other = SourcePositions.Choose(PositionRule.Random, prompts, 1, 1, seed: 43);
        Assert.NotEqual(draws, Cells(other, 1, 1, prompts.Length));
    }

    [Fact]
    public void The_BOS_counts()
    {
        var prompt = Vocabularies.Small.Encode("?");
        Assert.Equal(1, SourcePositions.Choose(PositionRule.Last, [prompt], 1, 1)[0, 0, 0]);
    }

    [Fact]
    public void A_prompt_without_tokens_is_told()
    {
        var prompts = Prompts([1], []);
        var error = Assert.Throws<DatasetException>(() => SourcePositions.Choose(PositionRule.Last, prompts, 1, 1));
        Assert.Contains("Prompt 1 ", error.Message);
    }

    [Theory]
    [InlineData(-1, 0, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(0, 3, 0)]
    [InlineData(0, 0, 1)]
    public void A_cell_outside_the_sweep_is_told(int method, int layer, int prompt)
    {
        var positions = SourcePositions.Choose(PositionRule.Last, Prompts([1]), methods: 2, layers: 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => positions[method, layer, prompt]);
    }

    private static Prompt[] Prompts(params int[][] ids) => [.. ids.Select(Vocabularies.Small.FromIds)];

    private static IEnumerable<int> Cells(SourcePositions positions, int methods, int layers, int prompts) =>
        from method in Enumerable.Range(0, methods)
        from layer in Enumerable.Range(0, layers)
        from prompt in Enumerable.Range(0, prompts)
        select positions[method, layer, prompt];
}
