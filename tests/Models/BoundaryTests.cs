using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>What a notebook gets wrong: a position, a layer, a count, a tensor. One typed line each, before libtorch sees it.</summary>
public sealed class BoundaryTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = TinyModel.Open();

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Positions_of_a_batch_count_from_the_end_where_they_are_negative()
    {
        var residual = arange(2 * 6 * 3, float32).reshape(2, 6, 3);
        Assert.Equal([15f, 16, 17, 33, 34, 35], residual.AtPositions([5, -1]).data<float>().ToArray());
        Assert.Equal([0f, 1, 2, 18, 19, 20], residual.AtPositions([-6, 0]).data<float>().ToArray());
    }

    [Theory]
    [InlineData("expected 0 to 5, or -1 to -6, got 6 in row 0", 6, 0)]
    [InlineData("got -7 in row 1", 0, -7)]
    [InlineData("expected one a row", 1)]
    [InlineData("expected one a row", 1, 1, 1)]
    public void A_position_that_a_row_does_not_have_is_refused(string words, params int[] positions) =>
        Refused<PositionException>(() => zeros(2, 6, 3).AtPositions(positions), words);

    [Fact]
    public void A_source_run_reads_only_tokens_of_its_own_prompts()
    {
        Prompt[] prompts = [_model.FromIds([1, 2, 3]), _model.FromIds([4, 5, 6, 7, 8])];
        using var run = Read(new(0, -1), new(1, -5));
        Assert.Equal([new Place(0, 2), new Place(1, 0)], run.Places);
        Refused<PositionException>(() => Read(new Place(0, 3)), "expected 0 to 2", "got 3"); // the longer prompt beside it has one
        Refused<PositionException>(() => Read(new Place(0, 70)), "got 70");
        Refused<PositionException>(() => Read(new Place(1, -6)), "got -6");
        Refused<PatchException>(() => Read(new Place(2, 0)), "expected one of 2 prompts, got number 2");
        Refused<PatchException>(() => Read(), "expected at least one");

        SourceRun Read(params Place[] places) => SourceRun.Read(_model, prompts, places, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_layer_below_the_first_or_above_the_last_is_no_layer_anywhere()
    {
        using var run = SourceRun.Read(_model, [_model.FromIds([1, 2])], [new(0, 0)], TestContext.Current.CancellationToken);
        foreach (var layer in new[] { -1, 3 })
        {
            var hook = new Hook(layer, Site.ResidPost);
            Refused<ModelException>(() => run.At(hook), "expected 0 to 2", $"got {layer}");
            Refused<ModelException>(() => run.At(hook with { Site = Site.ResidPre }), $"got {layer}");
            Refused<ModelException>(() => Forward(new() { Keep = [hook] }), $"got {layer}");
            Refused<ModelException>(() => Forward(new() { Edits = [new(hook, 0, zeros(48))] }), $"got {layer}");
        }

        Refused<ModelException>(() => run.At(new(0, (Site)9)), "pattern", "got number 9");
        Assert.Equal("resid_post.2", $"{new Hook(2, Site.ResidPost)}");
    }

    [Fact]
    public void An_edit_counts_from_the_end_where_it_is_negative_tokens_in_a_cache_included()
    {
        var hook = new Hook(1, Site.ResidPost);
        using var cache = new KeyValueCache();
        _model.Forward(_model.Tensor(1, 2), new() { Cache = cache });
        var vector = randn(48);
        var expected = _model.Forward(_model.Tensor(1, 2, 3), new() { Edits = [new(hook, 2, vector)] }).Logits.select(1, 2);
        var got = _model.Forward(_model.Tensor(3), new() { Cache = cache, Edits = [new(hook, -1, vector)] }).Logits.select(1, 0);
        TinyModel.Close(expected, got, 1e-5, "the logits");
        Refused<ModelException>(() => Forward(new() { Edits = [new(hook, -3, vector)] }), "expected a position in 0..1, got -3");
    }

    [Fact]
    public void A_residual_that_was_not_kept_says_what_was()
    {
        var run = Forward(new() { Keep = [new(0, Site.ResidPost)] });
        Refused<ModelException>(() => _ = run.Residuals[new(2, Site.ResidPost)], "resid_post.2", "ForwardOptions.Keep", "got resid_post.0");
        Refused<ModelException>(() => _ = Forward(new()).Residuals[new(2, Site.ResidPre)], "got none");
    }

    [Fact]
    public void Ids_of_another_type_shape_or_vocabulary_are_refused()
    {
        Refused<ModelException>(() => _model.Forward(tensor(new long[] { 1, 99999 }, [1, 2])), "99999", "[0, 1]");
        Refused<ModelException>(() => _model.Forward(tensor(new long[] { 1, -1 }, [1, 2])), "-1");
        Refused<ModelException>(() => _model.Forward(tensor(new[] { 1, 2 }, [1, 2])), "Int32");
        Refused<ModelException>(() => _model.Forward(tensor(new float[] { 1, 2 }, [1, 2])), "Float32");
        Refused<ModelException>(() => _model.Forward(tensor(new long[] { 1, 2 })), "[batch, position]", "Int64[2]");
        Refused<ModelException>(() => _model.Forward(zeros([0, 2], int64)), "[0, 2]");
        Refused<ModelException>(() => _model.Forward(zeros([1, 0], int64)), "expected 1 to 32 tokens, got 0");
        Refused<ModelException>(() => _model.Generate([], new()), "at least one id");
        Refused<ModelException>(() => _model.Generate([99999], new()), "99999");
        Refused<LogitscopeException>(() => _model.FromIds([99999]), "99999");
        Refused<ModelException>(() => Array.Empty<Prompt>().ToTensor(), "at least one");
    }

    [Fact]
    public void What_was_disposed_is_named()
    {
        var ids = _model.Tensor(1, 2);
        ids.Dispose();
        Refused<ModelException>(() => _model.Forward(ids), "disposed");
        var vector = zeros(48);
        vector.Dispose();
        Refused<ModelException>(() => Forward(new() { Edits = [new(new(0, Site.ResidPost), 0, vector)] }), "resid_post.0", "disposed");
        Refused<PositionException>(() => vector.AtPositions([0]), "disposed");
        Refused<PatchException>(() => new NextTokenDistribution(vector, _model.Tokenizer), "disposed");

        var prompt = _model.FromIds([1, 2]);
        _model.Dispose();
        Refused<ModelException>(() => _model.Forward(prompt.ToTensor()), "the model", "disposed");
        Refused<ModelException>(() => _model.LogitLens(prompt), "the model", "disposed");
        Refused<ModelException>(() => _model.Generate([1], new()), "the model", "disposed");
        Assert.Contains("disposed", TorchRuntime.ErrorOf(Record.Exception(() => vector.abs())!)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Logits_and_distributions_of_another_shape_are_refused()
    {
        using var cache = new KeyValueCache();
        _model.Forward(_model.Tensor(1), new() { Cache = cache });
        Refused<ModelException>(() => _model.Continue(cache, zeros(1, 61), new()), "[61]", "Float32[1, 61]");
        Refused<PatchException>(() => new NextTokenDistribution(zeros(1, 61), _model.Tokenizer), "[vocab]", "[1, 61]");
        Refused<PatchException>(() => new NextTokenDistribution(zeros([61], int64), _model.Tokenizer), "Int64");
    }

    // 32 tokens of 3 layers fit a machine; sixteen million rows of them do not, and the system would end the process.
    [Fact]
    public void A_pass_that_the_memory_cannot_hold_is_refused_before_it_begins()
    {
        var ids = zeros([1, 32], int64).expand(1 << 24, 32);
        Refused<ModelException>(() => _model.Forward(ids), "a pass over [16777216, 32] tokens", "GB of memory", "fewer rows");
        Refused<ModelException>(() => _model.Forward(ids, new() { Logits = LogitsOf.NoPosition }), "fewer rows");
    }

    private ForwardResult Forward(ForwardOptions options) => _model.Forward(_model.Tensor(1, 2), options);

    private static void Refused<T>(Action run, params string[] words)
        where T : LogitscopeException
    {
        var error = Record.Exception(run);
        Assert.IsType<T>(error, exactMatch: false);
        TinyModel.Says(error, words);
    }
}
