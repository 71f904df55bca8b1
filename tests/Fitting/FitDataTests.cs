using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Fitting;

public class FitDataTests
{
    [Fact]
    public void Both_parts_share_no_prompt_and_depend_on_seed_and_prompts_alone()
    {
        using var model = Open();
        var examples = SmallFit.Examples(model, 25);
        var data = new FitData(model, [.. examples, .. examples.Take(9)]);
        Assert.Equal((5, 20), (data.HeldOut.Count, data.Training.Count));
        Assert.Equal(25, Names(data.HeldOut).Concat(Names(data.Training)).Distinct().Count());

        var turned = new FitData(model, examples.Reverse());
        Assert.Equal(Names(data.HeldOut), Names(turned.HeldOut));
        Assert.Equal(Names(data.Training), Names(turned.Training));
        Assert.Equal(data.Hash, turned.Hash);
        foreach (var other in new FitDataOptions[] { new() { Seed = 1 }, new() { HeldOut = 0.5 }, new() { PerPrompt = 2 } })
        {
            Assert.NotEqual(data.Hash, new FitData(model, examples, other).Hash);
        }
    }

    [Fact]
    public void The_stream_has_every_residual_of_every_prompt_once()
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64);
        var data = SmallFit.Data(model);
        var sum = zeros(model.HiddenSize, float64);
        var count = 0;
        foreach (var run in data.Residuals(data.Training, TestContext.Current.CancellationToken))
        {
            sum += run.At(new(1, Site.ResidPost)).sum([0]);
            count += run.Places.Count;
        }

        var expected = zeros(model.HiddenSize, float64);
        foreach (var prompt in data.Training)
        {
            expected += model.Forward(prompt.ToTensor(), new() { Keep = [new(1, Site.ResidPost)] }).Residuals[new(1, Site.ResidPost)].sum([0, 1]);
        }

        Assert.Equal(data.Training.Sum(prompt => prompt.Count), count);
        Close(expected, sum, 1e-10, "the sum of resid_post.1");
    }

    [Fact]
    public void A_BOS_that_was_put_in_front_is_not_read_and_so_many_positions_are_drawn_as_asked()
    {
        using var folder = new TemporaryFolder();
        using var model = WithTokenizer(folder);
        Example[] examples = [.. new[] { "a b c", "the cat", "hello there you" }.Select((text, i) => new Example($"{i}", text, null))];
        foreach (var (options, expected) in new (FitDataOptions, Func<Prompt, int>)[]
        {
            (new(), prompt => prompt.Count - 1), (new() { PerPrompt = 2 }, prompt => Math.Min(2, prompt.Count - 1)), (new() { Bos = Bos.Never }, prompt => prompt.Count),
        })
        {
            var data = new FitData(model, examples, options);
            foreach (var prompt in data.Training)
            {
                using var run = data.Read([prompt], TestContext.Current.CancellationToken);
                Assert.Equal(expected(prompt), run.Places.Count);
                Assert.DoesNotContain(run.Places, place => place.Position == 0 && options.Bos == Bos.Always);
            }
        }
    }

    [Fact]
    public void Batches_go_on_for_ever_and_each_epoch_has_every_prompt_in_another_order()
    {
        using var model = Open();
        var data = SmallFit.Data(model, options: new() { PerPrompt = 1 });
        var epochs = data.Batches(8).Take(8).Chunk(4).Select(epoch => epoch.SelectMany(batch => batch).ToArray()).ToArray();
        Assert.All(epochs, epoch => Assert.Equal(Names(data.Training).Order(), Names(epoch).Order()));
        Assert.NotEqual(Names(epochs[0]), Names(epochs[1]));
        Assert.Equal(Names(epochs[0]), Names(data.Batches(8).Take(4).SelectMany(batch => batch)));
    }

    [Fact]
    public void Too_few_prompts_and_shares_that_are_none_are_refused()
    {
        using var model = Open();
        Says(Assert.Throws<FitException>(() => SmallFit.Data(model, 1)), "got 1 different prompts");
        Says(Assert.Throws<FitException>(() => SmallFit.Data(model, 0)), "got 0 different prompts");
        Says(Assert.Throws<FitException>(() => SmallFit.Data(model, 9, new() { HeldOut = 1 })), "between 0 and 1", "got 1");
        Says(Assert.Throws<FitException>(() => SmallFit.Data(model, 9, new() { PerPrompt = 0 })), "and 0");
    }

    private static IEnumerable<string> Names(IEnumerable<Prompt> prompts) => prompts.Select(prompt => string.Join(' ', prompt.Ids));
}
