using Logitscope.Tests.Models;
using static TorchSharp.torch;

namespace Logitscope.Tests.Patching;

public class SourceRunTests
{
    [Fact]
    public void Prompts_that_need_several_passes_give_what_each_gives_alone()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(ScalarType.Float64);
        var random = new Random(5);
        var length = model.ContextLength;
        var count = (5 * model.TokensToRun / 2 / length) + 1; // two whole passes, and half a one
        var prompts = Enumerable.Range(0, count)
            .Select(seed => model.FromIds(model.RandomIds(1 + random.Next(length), seed))).ToArray();
        Place[] places =
        [
            new(count - 1, prompts[^1].Count - 1),
            new(0, 0),
            .. Enumerable.Range(0, 40).Select(_ => random.Next(count)).Select(p => new Place(p, random.Next(prompts[p].Count))),
            new(0, 0),
        ];

        using var run = SourceRun.Read(model, prompts, places, TestContext.Current.CancellationToken);
        Assert.Equal(places, run.Places);
        foreach (var (row, place) in places.Index())
        {
            using var one = NewDisposeScope();
            var alone = model.Forward(prompts[place.Prompt].ToTensor(), new() { Keep = model.Hooks() });
            foreach (var hook in model.Hooks())
            {
                var expected = alone.Residuals[hook].select(1, place.Position).squeeze(0);
                TinyModel.Close(expected, run.At(hook).select(0, row), 1e-12, $"{place} {hook}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(TinyModel.OfEachForm), MemberType = typeof(TinyModel))]
    public void One_token_of_each_prompt_is_read_at_the_sites_that_are_asked_for(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(ScalarType.Float64, name);
        Prompt[] prompts = [.. new[] { 3, 5, 2 }.Select(length => model.FromIds(model.RandomIds(length, length)))];
        Site[] sites = [.. model.EveryHook().Select(hook => hook.Site).Distinct().Except([Site.HeadOut, Site.Scores, Site.Pattern])];
        using var run = SourceRun.Read(model, prompts, ^2, TestContext.Current.CancellationToken, sites);
        foreach (var site in sites)
        {
            var hooks = Enumerable.Range(0, model.Layers).Select(layer => new Hook(layer, site)).ToArray();
            var expected = stack([.. prompts.Select(prompt =>
            {
                var alone = model.Forward(prompt, new() { Keep = hooks });
                return stack([.. hooks.Select(hook => alone[hook][0, prompt.Count - 2])]);
            })]);
            TinyModel.Close(expected, run.Stack(site), 1e-12, $"{site}"); // [prompt, layer, hidden]
        }
    }

    [Fact]
    public void Prompts_that_nothing_is_read_of_are_not_run()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open();
        var unread = new Prompt(model.Tokenizer, [model.VocabularySize, model.VocabularySize]); // no such id
        var several = Enumerable.Repeat(unread, model.TokensToRun / unread.Count);
        Place last = new(several.Count(), unread.Count - 1);
        using var run = SourceRun.Read(
            model, [.. several, model.FromIds([1, 2])], [last], TestContext.Current.CancellationToken);
        Assert.Equal([1, model.HiddenSize], run.Last().shape);
    }
}
