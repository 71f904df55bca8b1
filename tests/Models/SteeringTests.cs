using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>Generation with edits, against the whole text run anew for every token without a cache.</summary>
public class SteeringTests
{
    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void Edits_reach_the_prompt_and_every_new_token(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var direction = randn([model.HiddenSize], float64, generator: new Generator(1)) * 2;
        var last = model.Layers - 1;
        var ids = model.RandomIds(4, seed: 3);
        var plain = model.Generate(ids, new() { MaxNewTokens = 9 });
        var cases = new (Edit[] Edits, Edit[] Absolute)[]
        {
            Same(Edit.Add(new(0, Site.ResidPost), direction)),
            Same(new Edit(new(last, Site.MlpOut), mlp => mlp * -3)),
            Same(Edit.Block(0, [1]), Edit.Block(last, [1, 2]) with { Heads = [1] }, Edit.Scale(new(0, Site.HeadOut), 4) with { Heads = [0] }),
            ([Edit.Add(new(0, Site.ResidPre), direction, ^1)], [Edit.Add(new(0, Site.ResidPre), direction, 3)]),
            ([Edit.Add(new(0, Site.AttnOut), direction) with { Positions = [^2, 6] }], [Edit.Add(new(0, Site.AttnOut), direction) with { Positions = [2, 6] }]),
            ([Edit.Block(0, [^1, 5], 7)], [Edit.Block(0, [3, 5], 7)]),
        };
        foreach (var (edits, absolute) in cases)
        {
            Assert.Equal(Naive(absolute), model.Generate(ids, new() { MaxNewTokens = 9, Edits = edits }));
        }

        Assert.Contains(cases, one => !plain.SequenceEqual(Naive(one.Absolute)));

        int[] Naive(Edit[] edits)
        {
            List<int> text = [.. ids];
            while (text.Count < 13)
            {
                Edit[] there = [.. edits.Select(edit => edit with
                {
                    Positions = edit.Positions?.Where(position => position.Value < text.Count).ToArray(),
                    Keys = edit.Keys?.Where(key => key.Value < text.Count).ToArray(),
                })];
                text.Add((int)model.Forward(model.FromIds(text), new() { Edits = there }).Logits[0, -1].argmax().item<long>());
            }

            return [.. text[4..]];
        }

        static (Edit[], Edit[]) Same(params Edit[] edits) => (edits, edits);
    }

    [Fact]
    public void A_continuation_changes_what_is_new_only()
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64);
        var direction = randn([48], float64, generator: new Generator(1)) * 2;
        var edit = Edit.Add(new(1, Site.ResidPost), direction);
        using var cache = new KeyValueCache();
        var run = model.Forward(model.Tensor(1, 2, 3), new() { Cache = cache });
        var got = model.Continue(cache, run.Logits[0, -1], new() { MaxNewTokens = 6, Edits = [edit, Edit.Scale(new(1, Site.MlpOut), 5, 2)] });
        List<int> text = [1, 2, 3];
        while (text.Count < 9)
        {
            var there = edit with { Positions = [.. Enumerable.Range(3, text.Count - 3).Select(position => (Index)position)] };
            text.Add((int)model.Forward(model.FromIds(text), new() { Edits = [there] }).Logits[0, -1].argmax().item<long>());
        }

        Assert.Equal(text[3..], got);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(-4)]
    public void A_token_that_is_never_run_is_refused(int position)
    {
        using var model = Open();
        var edit = new Edit(new(0, Site.ResidPost), position, zeros([48]));
        Says(
            Assert.Throws<ModelException>(() => model.Generate([1, 2, 3], new() { MaxNewTokens = 6, Edits = [edit] })),
            "resid_post.0", "expected a position in 0..8", $"got {position}");
    }
}
