using System.Globalization;
using Logitscope.Tests.Cli;
using Logitscope.Tests.Golden;
using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.Recall;

public class StagesOfRecallTests
{
    private static readonly int[] s_ids = [1, 9, 17, 25, 33, 5];

    [Theory]
    [MemberData(nameof(TinyModel.OfEachForm), MemberType = typeof(TinyModel))]
    public void Ranks_are_counted_from_the_logit_lens(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64, name);
        var prompt = model.FromIds(s_ids);
        var stages = model.Stages(prompt, argument: 7);
        var run = model.Forward(prompt, new() { Keep = model.Hooks() });
        Assert.Equal(run.Logits[0, -1].argmax().ToInt64(), stages.Answer);
        Assert.Equal(0, stages.Layers[^1].AnswerRank);
        foreach (var layer in stages.Layers)
        {
            var logits = model.Unembed(run[new(layer.Layer, Site.ResidPost)])[0, -1].data<double>().ToArray();
            Assert.Equal(logits.Count(logit => logit > logits[7]), layer.ArgumentRank);
            Assert.Equal(logits.Count(logit => logit > logits[stages.Answer]), layer.AnswerRank);
            Assert.Equal(Array.IndexOf(logits, logits.Max()), layer.Top.Id);
        }
    }

    [Theory]
    [InlineData("50 90|0 40|0 10|20 1|70 0|80 0", "1,2", 3, 4)] // ranks of argument and answer at each layer
    [InlineData("0 10|0 10", "0,1", null, null)] // the argument stays
    [InlineData("30 0|30 0", "", null, 0)] // never before the answer
    [InlineData("20 50|60 30|10 20|30 0|30 1|30 0", "", 3, 5)] // the last crossing counts, and a lapse is no saturation
    [InlineData("20 30|40 30", "", 1, null)]
    public void Stages_follow_their_rules(string ranks, string formation, int? application, int? saturation)
    {
        using var model = TinyModel.Open();
        var top = new TokenProbability(0, "x", 1, 0);
        var stages = new RecallStages(model.FromIds(s_ids), 1, 2,
        [
            .. ranks.Split('|').Select((layer, l) => layer.Split(' ') is [var argument, var answer]
                ? new RecallLayer(l, top, int.Parse(argument, CultureInfo.InvariantCulture), int.Parse(answer, CultureInfo.InvariantCulture)) : throw new InvalidOperationException()),
        ]);
        Assert.Equal(formation, string.Join(',', stages.ArgumentFormation));
        Assert.Equal((application, saturation), (stages.FunctionApplication, stages.Saturation));
    }

    [Fact]
    public void An_update_is_what_the_mlp_wrote_and_ones_own_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64);
        var (from, into) = (model.FromIds(s_ids), model.FromIds([2, 3, 4]));
        var plain = new NextTokenDistribution(model.Forward(into, new() { Logits = LogitsOf.LastPosition }).Logits[0, 0], into.Tokenizer);
        Assert.Equal(plain.LogProbabilities, model.WithUpdateOf(into, 1, into, [1]).LogProbabilities);
        Assert.Equal(plain.LogProbabilities, model.WithUpdateOf(from, 1, into, []).LogProbabilities);

        var hook = new Hook(1, Site.MlpOut);
        var update = model.Forward(from, new() { Keep = [hook] })[hook][0, -1];
        var naive = model.Forward(into, new() { Edits = [new Edit(new(0, Site.MlpOut), 2, update), new Edit(new(2, Site.MlpOut), 2, update)], Logits = LogitsOf.LastPosition }).Logits[0, 0];
        Assert.Equal(new NextTokenDistribution(naive, into.Tokenizer).LogProbabilities, model.WithUpdateOf(from, 1, into, [0, 2]).LogProbabilities);
        Assert.Throws<ModelException>(() => model.WithUpdateOf(from, 9, into, [0]));
    }

    [Fact]
    public void The_figure_is_the_mean_of_reciprocal_ranks()
    {
        using var model = TinyModel.Open();
        RecallStages[] results = [model.Stages(model.FromIds(s_ids), 7), model.Stages(model.FromIds([1, 2, 3]), 8)];
        var curves = ((CurveFigure)StagesOfRecall.Chart(results)).Curves;
        Assert.Equal(["argument", "answer"], curves.Select(curve => curve.Name));
        Assert.Equal(results.Average(result => 1.0 / (result.Layers[1].ArgumentRank + 1)), curves[0].Points[1].Y.Mean, 1e-12);
        Assert.Equal(1, curves[1].Points[^1].Y.Mean);
        Assert.Throws<PatchException>(() => model.Stages(model.FromIds(s_ids), 61));
    }

    [Fact]
    public async Task The_command_answers_with_stages()
    {
        string[] run = ["stages", "--model", GoldenModel.FolderOf("gptj/partial-rotary"), "--ids", string.Join(',', s_ids), "--json"];
        var json = (await Outcome.Of([.. run, "--argument", "7"])).Succeeded().Json;
        using var model = TinyModel.Open();
        var stages = model.Stages(model.FromIds(s_ids), 7);
        Assert.Equal(stages.Answer, json.GetProperty("answer").GetProperty("id").GetInt32());
        Assert.Equal(stages.Saturation, json.GetProperty("saturation").GetInt32());
        Assert.Equal(
            stages.Layers.Select(layer => (layer.Top.Id, layer.ArgumentRank, layer.AnswerRank)),
            json.GetProperty("layers").EnumerateArray().Select(layer => (
                layer.GetProperty("top").GetProperty("id").GetInt32(), layer.GetProperty("argument_rank").GetInt32(), layer.GetProperty("answer_rank").GetInt32())));
        (await Outcome.Of([.. run, "--argument", "99"])).FailedWith("expected ids below 61");
    }
}
