using Logitscope.Tests.Models;
using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Patching;

public sealed class PatchscopeTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = Open(float64);
    private readonly Prompt _source;
    private readonly Prompt _target;

    public PatchscopeTests()
    {
        _source = _model.FromIds(_model.RandomIds(6, seed: 1));
        _target = _model.FromIds(_model.RandomIds(4, seed: 2));
    }

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void At_the_last_layer_and_position_the_target_says_what_the_source_says(int position)
    {
        var result = new Patchscope(new(_model, _source, 2, position), new(_model, _target, 2, ^1)).Run();
        var own = _model.Forward(_source.ToTensor()).Logits.select(1, position).squeeze(0);
        var said = tensor([.. result.Next.LogProbabilities]);
        Close(nn.functional.log_softmax(own, 0), said, 1e-12, "the source's distribution");
    }

    [Fact]
    public void An_embedding_put_in_is_the_token_swapped()
    {
        var swapped = _target.Ids.ToArray();
        swapped[1] = _source.Ids[4];
        var hook = new Hook(0, Site.ResidPre);
        var embedding = _model.Forward(_source.ToTensor(), new() { Keep = [hook] }).Residuals[hook].select(1, 4);
        var patched = _model.Forward(_target.ToTensor(), new() { Edits = [new(hook, 1, embedding)] }).Logits;
        Identical(_model.Forward(_model.Tensor(swapped)).Logits, patched, "logits");

        var result = new Patchscope(
            new(_model, _source, 0, 4, Site.ResidPre),
            new(_model, _target, 0, 1, Site.ResidPre) { MaxNewTokens = 6 }).Run();
        Assert.Equal(_model.Generate(swapped, new() { MaxNewTokens = 6 }), result.GeneratedIds);
    }

    [Fact]
    public void The_result_is_the_edited_run_and_its_greedy_text()
    {
        var patchscope = new Patchscope(new(_model, _source, 1, 3), new(_model, _target, 0, 2) { MaxNewTokens = 5 });
        var result = patchscope.Run();
        var (from, to) = (new Hook(1, Site.ResidPost), new Hook(0, Site.ResidPost));
        var vector = _model.Forward(_source.ToTensor(), new() { Keep = [from] }).Residuals[from].select(1, 3);
        Edit[] edits = [new(to, 2, vector)];
        var logits = _model.Forward(_target.ToTensor(), new() { Edits = edits }).Logits.select(1, 3).squeeze(0);
        Close(nn.functional.log_softmax(logits, 0), tensor([.. result.Next.LogProbabilities]), 1e-12, "next");
        var generated = _model.Generate(_target.Ids, new() { MaxNewTokens = 5, Edits = edits });
        Assert.Equal(generated, result.GeneratedIds);
        Assert.Equal(string.Join(' ', generated), result.GeneratedText);
        Assert.Empty((patchscope with { Target = patchscope.Target with { MaxNewTokens = 0 } }).Run().GeneratedIds);
    }

    [Fact]
    public void A_head_goes_where_a_head_is()
    {
        var (from, to) = (new Hook(1, Site.HeadOut), new Hook(0, Site.HeadOut));
        var vector = _model.Forward(_source, new() { Keep = [from] })[from][0, 2, 3];
        var edit = Edit.Replace(to, vector, 2) with { Heads = [1] };
        var logits = _model.Forward(_target, new() { Edits = [edit] }).Logits[0, 3];
        var source = new Source(_model, _source, 1, 3, Site.HeadOut) { Head = 2 };
        var target = new Target(_model, _target, 0, 2, Site.HeadOut) { Head = 1 };
        var result = new Patchscope(source, target).Run();
        Close(nn.functional.log_softmax(logits, 0), tensor([.. result.Next.LogProbabilities]), 1e-12, "next");
        Says(Refused<PatchException>(source with { Head = null }, target), "heads.1", "0..2", "got none");
        Says(Refused<PatchException>(source, target with { Head = 3 }), "heads.0", "0..2", "got 3");
        Says(Refused<PatchException>(source with { Site = Site.MlpOut }, target), "mlp_out.1", "expected no head", "got 2");
        Says(Refused<PatchException>(source with { Site = Site.Pattern }, target), "pattern.1", "one vector a token");
        Says(Refused<PatchException>(source, To(0, 2)), "numbers [48] for the target", "Float64[16]");
    }

    [Fact]
    public void A_patch_reports_its_change_against_the_unpatched_run()
    {
        var result = new Patchscope(new(_model, _source, 1, 3), new(_model, _target, 1, ^1)).Run();
        var before = Probabilities(_model.Forward(_target.ToTensor()).Logits.select(1, 3).squeeze(0));
        double[] after = [.. result.Next.LogProbabilities.Select(Math.Exp)];
        var change = result.Change;
        Assert.False(change.IsNone);
        Assert.Equal(Array.IndexOf(before, before.Max()), change.Before.Id);
        Assert.Equal(before.Max(), change.Before.Probability, 12);
        Assert.Equal(result.Next.Top(1)[0], change.After);
        Assert.Equal(before.Zip(after, (b, a) => Math.Abs(a - b)).Sum() / 2, change.TotalVariation, 12);
        Assert.Equal(before.Zip(after, (b, a) => a * Math.Log(a / b)).Sum(), change.Kl, 9);
        Assert.True(change.MaxLogit > 0.1);

        static double[] Probabilities(Tensor logits) => nn.functional.softmax(logits, 0).data<double>().ToArray();
    }

    [Fact]
    public void A_mapping_stands_between_source_and_target()
    {
        var patchscope = new Patchscope(new(_model, _source, 1, 3), new(_model, _target, 0, 1));
        var zeroed = (patchscope with { Mapping = new Times(0) }).Run();
        var edit = new Edit(new(0, Site.ResidPost), 1, zeros([48], float64));
        var logits = _model.Forward(_target.ToTensor(), new() { Edits = [edit] }).Logits.select(1, 3).squeeze(0);
        Close(nn.functional.log_softmax(logits, 0), tensor([.. zeroed.Next.LogProbabilities]), 1e-12, "the zeroed run");

        var same = (patchscope with { Mapping = new Times(1) }).Run();
        Assert.Equal(patchscope.Run().Next.LogProbabilities, same.Next.LogProbabilities);
    }

    [Fact]
    public void Models_of_another_width_need_a_mapping_between_them()
    {
        using var narrow = Open(float64, "gptj/full-rotary"); // hidden 40
        var source = new Source(narrow, narrow.FromIds([1, 2]), 1, ^1);
        var target = new Target(_model, _target, 1, ^1);
        Says(Refused<PatchException>(source, target), "numbers [48] for the target", "Float64[40]", "mapping");
        Assert.False((new Patchscope(source, target) { Mapping = new Widen(48) }.Run()).Change.IsNone);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_layer_outside_either_model_is_refused(int layer)
    {
        Says(Refused<ModelException>(From(layer, 0), To(0, 0)), "expected 0 to 2", $"got {layer}");
        Says(Refused<ModelException>(From(0, 0), To(layer, 0)), "expected 0 to 2", $"got {layer}");
    }

    [Fact]
    public void A_position_outside_either_prompt_is_refused()
    {
        Says(Refused<PositionException>(From(0, 6), To(0, 0)), "expected 0 to 5", "got 6");
        Says(Refused<PositionException>(From(0, ^7), To(0, 0)), "got ^7");
        Says(Refused<PositionException>(From(0, 0), To(0, 4)), "expected 0 to 3", "got 4");
    }

    [Fact]
    public void Text_beyond_the_context_is_refused() =>
        Says(Refused<ModelException>(From(0, 0), To(0, 0) with { MaxNewTokens = 29 }), "expected 0 to 28", "got 29");

    [Fact]
    public void Texts_get_one_BOS_on_both_sides_and_positions_count_it()
    {
        using var folder = new TemporaryFolder();
        using var model = WithTokenizer(folder);
        var bos = model.Tokenizer.BosId!.Value;
        var (source, target) = (new Source(model, "The cat", 0, ^1), new Target(model, "?", 1, ^1));
        Assert.Equal([bos, .. model.Tokenizer.EncodeToIds("The cat")], source.Prompt.Ids);
        Assert.Equal([bos, .. model.Tokenizer.EncodeToIds("?")], target.Prompt.Ids);
        Assert.Equal(2, target.Prompt.Count);

        var fromEnd = new Patchscope(source, target).Run();
        var (last, second) = (source with { Position = source.Prompt.Count - 1 }, target with { Position = 1 });
        var fromStart = new Patchscope(last, second).Run();
        Assert.Equal(fromStart.Next.LogProbabilities, fromEnd.Next.LogProbabilities);
    }

    private Source From(int layer, Index position) => new(_model, _source, layer, position);

    private Target To(int layer, Index position) => new(_model, _target, layer, position);

    private static T Refused<T>(Source source, Target target)
        where T : LogitscopeException => Assert.Throws<T>(() => new Patchscope(source, target).Run());

    private sealed record Times(double Factor) : Mapping
    {
        public override string Name => "times";

        public override Tensor Apply(Tensor residual) => residual * Factor;
    }

    private sealed record Widen(int Width) : Mapping
    {
        public override string Name => "widen";

        public override Tensor Apply(Tensor residual) =>
            cat([residual, zeros([Width - residual.size(-1)], residual.dtype)]);
    }
}
