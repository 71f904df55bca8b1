using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

public sealed class EditTests : IDisposable
{
    private const int Position = 2;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = TinyModel.Open();
    private readonly Tensor _ids; // [2, 5]

    public EditTests() =>
        _ids = new[] { 1, 2 }.Select(seed => _model.FromIds(_model.RandomIds(5, seed))).ToArray().ToTensor();

    public static MatrixTheoryData<int, Site> Hooks() => new([0, 1, 2], [Site.ResidPre, Site.ResidPost]);

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Hooks))]
    public void A_kept_residual_shows_its_edit_and_nothing_else(int layer, Site site)
    {
        var hook = new Hook(layer, site);
        var own = _model.Forward(_ids, new() { Keep = [hook] }).Residuals[hook];
        var edit = new Edit(hook, Position, full([48], 3.5));
        var edited = _model.Forward(_ids, new() { Keep = [hook], Edits = [edit] }).Residuals[hook];
        var expected = own.clone();
        expected.select(1, Position).fill_(3.5);
        TinyModel.Identical(expected, edited, $"{hook}");
    }

    [Theory]
    [MemberData(nameof(TinyModel.OfEachFamily), MemberType = typeof(TinyModel))]
    public void Every_hook_of_every_family_shows_its_edit(string name)
    {
        using var model = TinyModel.Open(name: name);
        var value = full([model.HiddenSize], 3.5);
        foreach (var hook in model.Hooks())
        {
            var run = model.Forward(
                model.Tensor(1, 2, 3, 4), new() { Keep = [hook], Edits = [new(hook, Position, value)] });
            TinyModel.Identical(value, run.Residuals[hook].select(1, Position).squeeze(0), $"{name} {hook}");
        }
    }

    [Fact]
    public void A_row_of_the_batch_gets_its_own_vector()
    {
        var hook = new Hook(1, Site.ResidPost);
        var values = stack([full([48], 1.0), full([48], -2.0)]);
        var kept = _model.Forward(_ids, new() { Keep = [hook], Edits = [new(hook, Position, values)] }).Residuals[hook];
        TinyModel.Identical(values, kept.select(1, Position), "the edited position");
    }

    [Fact]
    public void An_edit_does_not_reach_back_into_what_was_kept_before_it()
    {
        var (before, edited) = (new Hook(0, Site.ResidPost), new Hook(1, Site.ResidPre));
        var own = _model.Forward(_ids, new() { Keep = [before] }).Residuals[before];
        var run = _model.Forward(_ids, new() { Keep = [before, edited], Edits = [new(edited, Position, zeros([48]))] });
        TinyModel.Identical(own, run.Residuals[before], "resid_post.0");
        Assert.Equal(0, run.Residuals[edited].select(1, Position).abs().max().ToDouble());
    }

    [Fact]
    public void Where_edits_meet_the_later_one_stays()
    {
        var hook = new Hook(0, Site.ResidPost);
        var (ones, twos, threes) = (full([48], 1.0), full([48], 2.0), full([48], 3.0));
        Edit[] edits = [new(hook, Position, ones), new(hook, Position, twos), new(hook, 0, threes)];
        var kept = _model.Forward(_ids, new() { Keep = [hook], Edits = edits }).Residuals[hook];
        Assert.Equal([2f], kept.select(1, Position).data<float>().ToArray().Distinct());
        Assert.Equal([3f], kept.select(1, 0).data<float>().ToArray().Distinct());
    }

    [Fact]
    public void An_edit_leaves_its_vector_and_the_weights_alone()
    {
        var (value, wte) = (full([48], 1.0), _model.Weights["transformer.wte.weight"].clone());
        _model.Forward(_ids, new() { Edits = [.. _model.Hooks().Select(hook => new Edit(hook, 0, value))] });
        TinyModel.Identical(full([48], 1.0), value, "the vector");
        TinyModel.Identical(wte, _model.Weights["transformer.wte.weight"], "the embedding");
    }

    [Theory]
    [InlineData(-100)]
    [InlineData(5)]
    public void A_position_outside_the_sequence_is_refused(int position) => TinyModel.Says(
        Assert.Throws<ModelException>(() => Run(new Edit(new(1, Site.ResidPost), position, zeros([48])))),
        "resid_post.1", "expected a position in 0..4", $"got {position}");

    [Fact]
    public void A_position_before_the_chunk_is_refused_and_the_cache_goes_on()
    {
        using var cache = new KeyValueCache();
        _model.Forward(_ids.narrow(1, 0, 3), new() { Cache = cache });
        var edit = new Edit(new(0, Site.ResidPre), 2, zeros([48]));
        var error = Assert.Throws<ModelException>(
            () => _model.Forward(_ids.narrow(1, 3, 2), new() { Cache = cache, Edits = [edit] }));
        TinyModel.Says(error, "expected a position in 3..4", "got 2");
        var rest = _model.Forward(_ids.narrow(1, 3, 2), new() { Cache = cache }).Logits;
        TinyModel.Close(_model.Forward(_ids).Logits.narrow(1, 3, 2), rest, 1e-5, "the chunk after the error");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_layer_outside_the_model_is_refused(int layer)
    {
        var hook = new Hook(layer, Site.ResidPost);
        var edited = Assert.Throws<ModelException>(() => Run(new Edit(hook, 0, zeros([48]))));
        TinyModel.Says(edited, "expected 0 to 2", $"got {layer}");
        var kept = Assert.Throws<ModelException>(() => _model.Forward(_ids, new() { Keep = [hook] }));
        TinyModel.Says(kept, "expected 0 to 2", $"got {layer}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(47)]
    [InlineData(96)]
    public void A_vector_of_another_width_is_refused(int width) => TinyModel.Says(
        Assert.Throws<ModelException>(() => Run(new Edit(new(2, Site.ResidPre), 0, zeros([width])))),
        "resid_pre.2", "expected floating-point numbers [48]", $"got Float32[{width}]");

    [Fact]
    public void Vectors_for_another_number_of_rows_are_refused() => TinyModel.Says(
        Assert.Throws<ModelException>(() => Run(new Edit(new(0, Site.ResidPost), 0, zeros([3, 48])))),
        "resid_post.0", "[2, 48]", "got Float32[3, 48]");

    [Fact]
    public void A_sequence_that_is_empty_or_too_long_is_refused()
    {
        using var cache = new KeyValueCache();
        TinyModel.Says(Refused(33), "1 to 32 tokens", "got 33");
        TinyModel.Says(Refused(0), "1 to 32 tokens", "got 0");
        _model.Forward(zeros([1, 32], int64), new() { Cache = cache });
        TinyModel.Says(Refused(1), "1 to 32 tokens", "got 33");

        ModelException Refused(int tokens) => Assert.Throws<ModelException>(
            () => _model.Forward(zeros([1, tokens], int64), new() { Cache = cache }));
    }

    [Fact]
    public void An_id_outside_the_vocabulary_is_refused() => TinyModel.Says(
        Assert.Throws<ModelException>(() => _model.Forward(full([1, 1], 61, int64))), "expected 0 to 60", "got 61 at [0, 0]");

    private void Run(Edit edit) => _model.Forward(_ids, new() { Edits = [edit] });

    [Fact]
    public void Ids_that_are_no_batch_are_refused() => TinyModel.Says(
        Assert.Throws<ModelException>(() => _model.Forward(_ids.select(0, 0))), "[batch, position]", "Int64[5]");
}
