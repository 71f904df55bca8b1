using Logitscope.Tests.Cli;
using Logitscope.Tests.Sweeps;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>Finite weights whose logits are no numbers: one line says where that begins, and nothing takes token 0 for an answer.</summary>
public sealed class NonFiniteLogitsTests : IDisposable
{
    private const string Begins = "resid_post.1, position 2";
    private const int Fatal = 17;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TemporaryFolder _folder = new();
    private readonly LanguageModel _model;

    // The first number of the stream is token 17's alone, and opens a unit of the second MLP whose output overflows.
    public NonFiniteLogitsTests()
    {
        TinyModel.Change(_folder, weights =>
        {
            weights["transformer.wte.weight"].select(1, 0).fill_(0);
            weights["transformer.wte.weight"][Fatal].fill_(0);
            weights["transformer.wte.weight"][Fatal, 0].fill_(50);
            weights["transformer.h.0.attn.out_proj.weight"].fill_(0);
            weights["transformer.h.0.mlp.fc_out.weight"].fill_(0);
            weights["transformer.h.0.mlp.fc_out.bias"].fill_(0);
            var (scale, shift) = (weights["transformer.h.1.ln_1.weight"], weights["transformer.h.1.ln_1.bias"]);
            scale[0].fill_(1);
            shift[0].fill_(0);
            var (weightIn, biasIn) = (weights["transformer.h.1.mlp.fc_in.weight"], weights["transformer.h.1.mlp.fc_in.bias"]);
            weightIn[0].fill_(0);
            weightIn[0, 0].fill_(1e30);
            biasIn[0].fill_(-4e30);
            weights["transformer.h.1.mlp.fc_out.weight"].select(1, 0).fill_(0);
            weights["transformer.h.1.mlp.fc_out.weight"][0, 0].fill_(1e30);
        });
        _model = LanguageModel.Load(_folder.Path);
    }

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_forward_pass_says_layer_and_position() =>
        Refused(() => _model.Forward(_model.Tensor(1, 2, Fatal, 4)), "the first numbers that are not finite: mlp_out.1, position 2");

    [Fact]
    public void It_says_the_row_of_a_batch()
    {
        var value = full([2, 48], float.NaN);
        value.select(0, 0).fill_(0);
        var edit = new Edit(new(1, Site.ResidPost), 2, value);
        using var sound = TinyModel.Open();
        Refused(
            () => sound.Forward(tensor(new long[] { 1, 2, 3, 4, 5, 6 }, [2, 3]), new() { Edits = [edit] }),
            Begins + " of row 1");
    }

    [Fact]
    public void After_a_cache_the_position_counts_the_tokens_in_it()
    {
        using var sound = TinyModel.Open();
        using var cache = new KeyValueCache();
        sound.Forward(sound.Tensor(1, 2), new() { Cache = cache });
        var edit = new Edit(new(1, Site.ResidPost), 2, full([48], float.PositiveInfinity));
        Refused(() => sound.Forward(sound.Tensor(3), new() { Cache = cache, Edits = [edit] }), Begins);
    }

    [Fact]
    public void The_unembedding_alone_is_named()
    {
        TinyModel.Change(_folder, weights => weights["lm_head.weight"].select(0, 5).fill_(3e38));
        using var model = LanguageModel.Load(_folder.Path);
        Refused(() => model.Forward(model.Tensor(1, 2)), "every residual is finite, the unembedding is not");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Generation_stops_greedy_and_sampled(double temperature) =>
        Refused(() => _model.Generate([1, 2, Fatal], new() { Temperature = temperature }), "mlp_out.1");

    [Fact]
    public void So_does_a_continuation_of_given_logits()
    {
        using var cache = new KeyValueCache();
        Refused(() => _model.Continue(cache, full([61], float.NaN), new() { MaxNewTokens = 1 }), "NaN");
    }

    [Fact]
    public void The_lens_says_its_first_layer_and_position() =>
        Refused(() => _model.LogitLens(_model.FromIds([1, 2, Fatal, 4])), "logit-lens at layer", "position");

    [Fact]
    public void A_patch_and_a_grid_stop()
    {
        var nan = new Given("nan", residual => residual * float.NaN);
        using var sound = TinyModel.Open();
        var prompt = sound.FromIds([1, 2, 3]);
        var patchscope = new Patchscope(new(sound, prompt, 1, 1), new(sound, prompt, 1, 1) { MaxNewTokens = 2 }) { Mapping = nan };
        Refused(() => patchscope.Run(), "resid_post.1, position 1");
        Refused(() => PatchGrid.Run(patchscope, TestContext.Current.CancellationToken), "resid_post", "row 0");
        Refused(
            () => PatchGrid.Run(patchscope with { Target = patchscope.Target with { MaxNewTokens = 0 } }, TestContext.Current.CancellationToken),
            "source layer 0 into target layer 0");
    }

    [Fact]
    public void A_sweep_says_the_prompt_of_a_source_and_the_cell_of_a_reading()
    {
        Refused(() => Sweep.Run(_model, [new Example("a", null, [1, 2]), new Example("b", null, [3, Fatal])], Options(NextTokenTechnique.LogitLens)), "prompt 1:", "mlp_out.1");
        using var sound = TinyModel.Open();
        Refused(
            () => Sweep.Run(sound, SmallSweep.Examples, Options(new Spoiled())),
            "spoiled at layer 2, position", "of prompt 3", "NaN");
    }

    [Fact]
    public void Masks_alone_are_a_distribution_and_nothing_else_is()
    {
        Distributions.RequireFinite(tensor(new[] { 0.0, -3 }));
        foreach (var (number, word) in new[] { (double.NaN, "NaN"), (double.PositiveInfinity, "infinity"), (double.NegativeInfinity, "every token") })
        {
            var error = Assert.Throws<NonFiniteException>(() => Distributions.RequireFinite(tensor(new[] { 0, number })));
            Assert.Equal(1, error.Row);
            TinyModel.Says(error, "row 1", word);
        }
    }

    [Theory]
    [InlineData("generate", "--ids", "1,2,17")]
    [InlineData("lens", "--ids", "1,2,17", "--json")]
    [InlineData("lens", "--ids", "1,2,17", "--method", "logit-lens-patchscope", "--json")]
    [InlineData("logits", "--ids", "1,2,17", "--out", "/dev/null")]
    public async Task The_command_line_has_one_line(params string[] arguments) =>
        (await Outcome.Of([.. arguments, "--model", _folder.Path])).FailedWith("expected finite numbers, got ");

    private static SweepOptions Options(NextTokenTechnique technique) =>
        new() { Techniques = [technique], Positions = PositionRule.Last };

    private static void Refused(Action run, params string[] words) =>
        TinyModel.Says(Record.Exception(run)!, ["expected finite numbers, got", .. words]);

    private sealed record Given(string Called, Func<Tensor, Tensor> Map) : Mapping
    {
        public override string Name => Called;

        public override Tensor Apply(Tensor residual) => Map(residual);
    }

    // Only the last layer, and only its longest prompt, which runs first in its batch.
    private sealed record Spoiled : NextTokenTechnique
    {
        public override string Name => "spoiled";

        public override Reading ReadingOf(LanguageModel model, int layer) => new Reading.InPrompt(model.FromIds([60, 5]), layer)
        {
            Mapping = layer < 2 ? Mapping.Identity : new Given("spoil", residual =>
            {
                var spoiled = residual.clone();
                spoiled.select(0, 0).fill_(float.NaN);
                return spoiled;
            }),
        };
    }
}
