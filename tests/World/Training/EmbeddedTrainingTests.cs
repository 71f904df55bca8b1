using System.Diagnostics;
using Logitscope.World;

namespace Logitscope.Tests.World;

/// <summary>The models of this repository come out of their recipes: the first steps are taken again.</summary>
public sealed class EmbeddedTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("tiny-gptj", 0.001)]
    [InlineData("next/tiny-gptj", 0.01)] // another processor rounds products in bfloat16 otherwise
    public void The_first_losses_come_out_again(string model, double tolerance) => TakeAgain(model, 3, tolerance);

    [Theory]
    [Trait("Tier", "slow")]
    [InlineData("tiny-gptj")]
    [InlineData("tiny-gptj-small")]
    [InlineData("next/tiny-gptj")]
    [InlineData("next/tiny-gptj-small")]
    [InlineData("next/tiny-gpt2")]
    public void The_first_200_losses_come_out_again(string model) => TakeAgain(model, 200, 0.05);

    private void TakeAgain(string name, int steps, double tolerance)
    {
        var model = Repository.File("data", name);
        var again = _folder.PathOf("again");
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Trainer.Train(
            TrainingRecipe.Read(Path.Combine(model, TrainingRecipe.File)),
            Atlas.Load(AtlasWorld.Folder),
            Corpora(),
            again,
            new AfterStep(steps, stop.Cancel),
            stop.Token));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(model, "merges.txt")), File.ReadAllBytes(Path.Combine(again, "merges.txt")));
        var losses = TrainerTests.Losses(again);
        Assert.Equal(steps, losses.Length);
        Assert.All(TrainerTests.Losses(model).Zip(losses), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    // The natural text beside this checkout, unpacked as a user would.
    private string Corpora()
    {
        var folder = _folder.PathOf("corpora");
        using var gather = Process.Start(
            "bash", [Repository.File("eng", "gather-corpora.sh"), Repository.Shared("data", "corpora"), folder]);
        gather.WaitForExit();
        Assert.Equal(0, gather.ExitCode);
        return folder;
    }
}
