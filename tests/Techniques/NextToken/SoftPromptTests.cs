using Logitscope.Tests.Cli;
using Logitscope.Tests.Fitting;
using Logitscope.Tests.Models;
using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.NextToken;

public class SoftPromptTests
{
    private static readonly SoftPromptOptions s_quick = new() { Length = 4, Ahead = 2, Steps = 3, TokensPerStep = 40, EvaluateEvery = 3, Layer = 1 };

    // Block by block, as the paper's own code goes: no edit, no pass of the library.
    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void It_reads_what_a_walk_up_the_blocks_reads_in_every_cell(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        using var soft = SoftPrompt.Fit(SmallFit.Data(model), s_quick, cancellation: TestContext.Current.CancellationToken);
        var ids = model.RandomIds(6, seed: 3).Select(id => (long)id).ToArray();
        var residuals = rand(3, model.HiddenSize, float64);
        var after = tensor([.. ids, .. ids[..3].Reverse(), .. ids[3..]], [3, 4]).narrow(1, 0, 2);

        var (dummy, position) = (zeros([3, 4], int64), soft.Vectors.size(0) - 1);
        var embedded = model.Embed(cat([dummy, after], 1), 0);
        var residual = cat([embedded.narrow(1, 0, 4) - model.EmbedTokens(dummy) + soft.Vectors, embedded.narrow(1, 4, 2)], 1);
        for (var layer = 0; layer < model.Layers; layer++)
        {
            residual = model.RunBlock(layer, residual, new Pass());
            residual = layer == soft.Layer
                ? cat([residual.narrow(1, 0, position), residuals.unsqueeze(1), residual.narrow(1, position + 1, 2)], 1)
                : residual;
        }

        Close(model.Unembed(residual.narrow(1, position, 3)), soft.Read(model, residuals, after), 1e-9, name);
        Assert.Equal([3, 1, model.VocabularySize], soft.Read(model, residuals, after.narrow(1, 0, 0)).shape);
    }

    [Fact]
    public void Learning_brings_the_held_out_divergence_down_and_the_residual_tells_more_than_the_tokens_behind_it()
    {
        using var model = Open();
        var data = SmallFit.Data(model, 60);
        using var soft = SoftPrompt.Fit(
            data, s_quick with { Steps = 60, LearningRate = 0.05, EvaluateEvery = 20 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((SoftPrompt.Kind, 1, 2), (soft.Manifest.Kind, soft.Layer, soft.Ahead));
        Assert.All(soft.Manifest.HeldOut, loss => Assert.Equal(3, loss.Kl.Count));
        Assert.True(soft.Manifest.HeldOut.Min(loss => loss.Kl.Average()) < soft.Manifest.HeldOut[0].Kl.Average());

        var scores = soft.Judge(data, TestContext.Current.CancellationToken);
        Assert.Equal([0, 1, 2], scores.Select(score => score.Further));
        Assert.True(scores[0].Surprisal.Mean < scores[0].SurprisalWithout.Mean);
        Assert.All(scores, score => Assert.InRange(score.PrecisionAt1.Mean, score.PrecisionAt1.Low, score.PrecisionAt1.High));
    }

    // The last block's output is all that the next token depends on, wherever it is put: nothing is to be learned.
    [Fact]
    public void Of_the_last_layer_and_the_next_token_it_is_the_model_itself()
    {
        using var model = Open(float64);
        using var soft = SoftPrompt.Fit(
            SmallFit.Data(model), s_quick with { Layer = 2, Ahead = 0, Steps = 1 }, cancellation: TestContext.Current.CancellationToken);
        Assert.All(soft.Manifest.HeldOut, loss => Assert.Equal(0, loss.Kl[0], 1e-12));
        Assert.Equal(1, soft.Judge(SmallFit.Data(model), TestContext.Current.CancellationToken)[0].PrecisionAt1.Mean);
    }

    [Fact]
    public void A_folder_gives_back_what_was_saved_and_another_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var model = Open();
        using var soft = SoftPrompt.Fit(SmallFit.Data(model), s_quick, cancellation: TestContext.Current.CancellationToken);
        soft.Save(folder.Path);
        using var back = SoftPrompt.Load(folder.Path, model);
        Assert.True(soft.Vectors.Equals(back.Vectors));
        Assert.Equal((soft.Layer, soft.Ahead), (back.Layer, back.Ahead));

        using var other = Open(name: "gptj/full-rotary");
        Says(Assert.Throws<FitException>(() => SoftPrompt.Load(folder.Path, other)), "expected the model that it was fitted on");
        Says(Assert.Throws<FitException>(() => FittedLens.Load(folder.Path, model, TunedLens.Kind)), "expected a fitted tuned-lens, got future-soft-prompt");
        using var scope = NewDisposeScope();
        Says(Assert.Throws<ModelException>(() => soft.Read(model, zeros(2, 3), zeros([2, 1], int64))), "future-soft-prompt: residuals: expected");
        Says(Assert.Throws<FitException>(() => soft.Read(model, null, zeros([2], int64))), "Int64 [n, k]");
        Says(
            Assert.Throws<FitException>(() => SoftPrompt.Fit(SmallFit.Data(model), s_quick with { Length = 0 }, cancellation: TestContext.Current.CancellationToken)),
            "at least one vector");
        Says(
            Assert.Throws<FitException>(() => SoftPrompt.Fit(SmallFit.Data(model), s_quick with { Ahead = 20 }, cancellation: TestContext.Current.CancellationToken)),
            "20 tokens after one that is read");
    }

    [Fact]
    public async Task The_command_fits_one_and_says_how_well_it_does_without_the_residual()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Write("p.jsonl", string.Concat(Enumerable.Range(0, 20).Select(i => $"{{\"ids\":[1,{2 + i},{3 + i},4,5,6,{30 - i},8]}}\n")));
        string[] fit = ["fit", SoftPrompt.Kind, "--model", Golden.GoldenModel.FolderOf("gptj/partial-rotary"), "--data", data, "--steps", "2", "--tokens", "40"];
        var shown = (await Outcome.Of([.. fit, "--layers", "1", "--out", folder.PathOf("soft")])).Succeeded().Output;
        Assert.Contains("without the residual", shown, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.PathOf("soft", FittedLens.ManifestFile)));
        (await Outcome.Of([.. fit, "--layers", "0,1", "--out", folder.PathOf("two")])).FailedWith("the one layer of a soft prompt, got 2");
    }
}
