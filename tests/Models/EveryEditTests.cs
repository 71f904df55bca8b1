using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>Edits at every place, by their algebra: each is another edit that the oracle's patched runs vouch for.</summary>
public class EveryEditTests
{
    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void What_is_added_within_a_block_is_added_to_the_stream(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var ids = Two(model);
        var generator = new Generator(1);
        var (vector, small) = (randn([model.HiddenSize], float64, generator: generator), randn([model.HeadSize], float64, generator: generator));
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var attention = Run(Edit.Add(new(layer, Site.AttnOut), vector, 2));
            Close(Run(Edit.Add(new(layer, model.HasResidMid ? Site.ResidMid : Site.ResidPost), vector, 2)), attention, 1e-12, $"attn_out.{layer}");
            Close(Run(Edit.Add(new(layer, Site.ResidPost), vector)), Run(Edit.Add(new(layer, Site.MlpOut), vector)), 1e-12, $"mlp_out.{layer}");
            if (model.WritesAreLinear)
            {
                var head = Run(Edit.Add(new(layer, Site.HeadOut), small, ^1) with { Heads = [1] });
                var projected = SiteTests.Output(model, layer, 1).mv(small);
                Close(Run(Edit.Add(new(layer, Site.AttnOut), projected, ^1)), head, 1e-12, $"heads.{layer}");
            }
        }

        Tensor Run(Edit edit) => model.Forward(ids, new() { Edits = [edit] }).Logits;
    }

    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void A_blocked_edge_is_a_pattern_without_it_shared_out_among_the_rest(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var (ids, site) = (Two(model), new Hook(1, Site.Pattern));
        var own = model.Forward(ids, new() { Keep = [site] })[site];
        var without = own.clone();
        foreach (var key in new[] { 0, 2 })
        {
            without.select(1, 1).select(1, 4).select(1, key).fill_(0); // head 1, query 4
        }

        without /= without.sum(-1, keepdim: true);
        var block = Edit.Block(1, [0, 2], ^2) with { Heads = [1] };
        var run = model.Forward(ids, new() { Keep = [site], Edits = [block] });
        Close(without, run[site], 1e-12, "pattern");
        Close(model.Forward(ids, new() { Edits = [Edit.Replace(site, without)] }).Logits, run.Logits, 1e-12, "logits");
        Assert.NotEqual(0, (own - run[site]).abs().max().item<double>());
    }

    [Fact]
    public void Blocked_edges_are_those_that_a_masked_pass_written_anew_does_not_have()
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64);
        var ids = model.RandomIds(6, seed: 4);
        Edit[] edits =
        [
            Edit.Block(0, [1, 2], ^1),
            Edit.Block(1, [0], 3) with { Heads = [0, 2] },
            Edit.Block(2, [4]) with { Heads = [1] },
            Edit.Block(2, [0, 1, 3], 3),
        ];
        bool Sees(int layer, int head, int query, int key) => (layer, head, query, key) switch
        {
            (0, _, 5, 1 or 2) => false,
            (1, 0 or 2, 3, 0) => false,
            (2, 1, _, 4) => false,
            (2, _, 3, 0 or 1 or 3) => false,
            _ => true,
        };
        var expected = new NaiveGptJ(model, Sees).Run(ids);
        Close(expected, model.Forward(model.FromIds(ids), new() { Edits = edits }).Logits.squeeze(0), 1e-12, "blocked");
        var whole = new NaiveGptJ(model, (_, _, _, _) => true).Run(ids);
        Close(whole, model.Forward(model.FromIds(ids)).Logits.squeeze(0), 1e-12, "whole");
        Assert.True((whole - expected).abs().max().item<double>() > 1e-3);
        using var cache = new KeyValueCache();
        model.Forward(model.FromIds(ids[..4]), new() { Cache = cache, Edits = edits[1..2].Concat(edits[3..]).ToArray() });
        var last = model.Forward(model.FromIds(ids[4..]), new() { Cache = cache, Edits = [edits[0], edits[2]] });
        Close(expected[4..], last.Logits.squeeze(0), 1e-12, "after a cache");
    }

    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void A_function_gets_the_part_that_the_edit_names_and_no_other_number_changes(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(name: name);
        var ids = Two(model);
        foreach (var hook in model.EveryHook())
        {
            var own = model.Forward(ids, new() { Keep = [hook] })[hook];
            var (heads, keys) = (own.Dimensions == 4, hook.Site is Site.Scores or Site.Pattern);
            long[] shape = [2, .. heads ? [1L] : Array.Empty<long>(), 3, keys ? 2 : own.size(-1)];
            var edit = new Edit(hook, part =>
            {
                Assert.Equal(shape, part.shape);
                return part.fill_(0.25);
            })
            {
                Positions = [4, ^2, 1, 5], // 4 twice
                Heads = heads ? [1] : null,
                Keys = keys ? [0, 1] : null,
            };
            var got = model.Forward(ids, new() { Keep = [hook], Edits = [edit] })[hook];
            var expected = own.clone();
            foreach (var position in new[] { 1, 4, 5 })
            {
                var row = heads ? expected.select(1, 1).select(1, position) : expected.select(1, position);
                (keys ? row.narrow(1, 0, 2) : row).fill_(0.25);
            }

            Identical(expected, got, $"{hook}");
        }
    }

    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void A_value_is_one_vector_one_a_row_one_a_head_or_every_number(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(name: name);
        var ids = Two(model);
        var generator = new Generator(1);
        foreach (var hook in model.EveryHook().Where(hook => hook.Site != Site.Scores)) // it would open the future
        {
            var shape = model.ShapeOf(hook.Site, 2, 6, 6);
            var whole = rand(shape, generator: generator);
            Is(whole, whole);
            var one = rand([shape[^1]], generator: generator);
            Is(one.expand(shape), one);
            var rows = rand([2, shape[^1]], generator: generator);
            Is(rows.reshape(shape.Length == 4 ? [2, 1, 1, shape[^1]] : [2, 1, shape[^1]]).expand(shape), rows);
            if (shape.Length == 4)
            {
                Is(whole.narrow(2, 1, 1).expand(shape), whole.select(2, 1));
            }

            void Is(Tensor expected, Tensor value)
            {
                var kept = model.Forward(ids, new() { Keep = [hook], Edits = [Edit.Replace(hook, value)] })[hook];
                Identical(expected, kept, $"{hook} {TorchRuntime.Describe(value)}");
            }
        }
    }

    [Fact]
    public void A_scale_scales_and_0_ablates()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        var hook = new Hook(1, Site.MlpOut);
        var own = model.Forward(Two(model), new() { Keep = [hook] })[hook];
        var half = model.Forward(Two(model), new() { Keep = [hook], Edits = [Edit.Scale(hook, 0.5, 3)] })[hook];
        Identical(own.select(1, 3) * 0.5, half.select(1, 3), "half");
        Identical(own.select(1, 2), half.select(1, 2), "another position");
        var none = model.Forward(Two(model), new() { Keep = [new(1, Site.ResidPre), new(1, Site.AttnOut), new(1, Site.ResidPost)], Edits = [Edit.Scale(hook, 0)] });
        Identical(none[new(1, Site.ResidPre)] + none[new(1, Site.AttnOut)], none[new(1, Site.ResidPost)], "ablated");
    }

    [Fact]
    public void What_a_function_gives_is_checked_and_the_cache_goes_on()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        using var cache = new KeyValueCache();
        var ids = Two(model);
        model.Forward(ids.narrow(1, 0, 3), new() { Cache = cache });
        foreach (var hook in model.EveryHook())
        {
            Refused(new(hook, part => part.narrow(0, 0, 1)), $"{hook}", "expected floating-point numbers [2, ", "got Float32[1, ");
            Refused(new(hook, part => part.to(int64)), $"{hook}", "got Int64[2, ");
            Refused(new(hook, part => part.mm(part)), $"{hook}", "must be a matrix");
            Refused(new(hook, _ => null!), $"{hook}", "got");
            Refused(Edit.Add(hook, zeros([7])), "'add'", $"{hook}", "got Float32[7]");
        }

        Close(model.Forward(ids).Logits.narrow(1, 3, 3), model.Forward(ids.narrow(1, 3, 3), new() { Cache = cache }).Logits, 1e-5, "afterwards");

        void Refused(Edit edit, params string[] words)
        {
            Says(Assert.Throws<ModelException>(() => model.Forward(ids.narrow(1, 3, 3), new() { Cache = cache, Edits = [edit] })), words);
            Assert.Equal(3, cache.Length);
        }
    }

    [Fact]
    public void A_function_that_works_in_place_does_not_reach_back()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        var below = new Hook(0, Site.ResidPost);
        var own = model.Forward(Two(model), new() { Keep = [below] })[below];
        var run = model.Forward(Two(model), new() { Keep = [below], Edits = [new(new(1, Site.ResidPre), residual => residual.fill_(1))] });
        Identical(own, run[below], $"{below}");
    }

    [Fact]
    public void A_function_may_give_a_tensor_of_its_own_which_stays()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        var own = zeros([2, 6, 48]);
        model.Forward(Two(model), new() { Edits = [new(new(0, Site.ResidPre), _ => own), new(new(1, Site.MlpOut), _ => own)] });
        Assert.False(own.IsInvalid);
        Assert.Equal(0, own.abs().max().item<float>());
    }

    [Fact]
    public void An_edit_outside_of_the_place_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        Refused(Edit.Scale(new(0, Site.ResidPost), 0) with { Heads = [0] }, "resid_post", "heads");
        Refused(Edit.Scale(new(0, Site.HeadOut), 0) with { Keys = [0] }, "heads.0", "keys");
        Refused(Edit.Scale(new(0, Site.HeadOut), 0) with { Heads = [3] }, "expected a head in 0..2", "got 3");
        Refused(Edit.Scale(new(0, Site.HeadOut), 0) with { Heads = [-4] }, "expected a head in 0..2", "got -4");
        Refused(Edit.Block(0, [6]), "'block'", "expected a key in 0..5", "got 6");
        Refused(Edit.Block(0, [0], 6), "expected a position in 0..5", "got 6");
        Refused(Edit.Scale(new(0, Site.ResidPost), 0) with { Positions = [1, ^7] }, "expected a position in 0..5", "got -7");

        void Refused(Edit edit, params string[] words) =>
            Says(Assert.Throws<ModelException>(() => model.Forward(Two(model), new() { Edits = [edit] })), words);
    }

    [Fact]
    public void A_query_that_sees_nothing_is_told()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        var error = Assert.Throws<ModelException>(() => model.Forward(Two(model), new() { Edits = [Edit.Block(1, [0, 1], 1)] }));
        Says(error, "attn_out.1, position 1 of row 0");
    }

    private static Tensor Two(LanguageModel model) =>
        new[] { 1, 2 }.Select(seed => model.FromIds(model.RandomIds(6, seed))).ToArray().ToTensor();
}
