using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

/// <summary>A device that runs out of memory: the engine takes fewer prompts at a time and goes on.</summary>
public class OutOfMemoryTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(2)]
    [InlineData(1)]
    public void The_engine_halves_the_batch_until_it_fits_and_the_rows_are_the_same(int fits)
    {
        using var model = TinyModel.Open(float64);
        var crowded = new Crowded(fits);
        var undisturbed = SmallSweep.RowsOf(SmallSweep.Plan(model, Options(new Crowded(int.MaxValue))));
        var rows = SmallSweep.RowsOf(SmallSweep.Plan(model, Options(crowded)));

        Assert.True(crowded.Refusals > 0);
        Assert.Equal(undisturbed.Select(Cell), rows.Select(Cell));
        foreach (var (expected, got) in undisturbed.Zip(rows))
        {
            Assert.Equal(expected.Surprisal, got.Surprisal, 1e-9);
            Assert.Equal(expected.SurprisalPaper, got.SurprisalPaper, 1e-9);
            Assert.Equal(expected.Kl, got.Kl, 1e-9);
            Assert.Equal(expected.Margin, got.Margin, 1e-9);
        }
    }

    [Fact]
    public void It_keeps_to_the_smaller_batch()
    {
        using var model = TinyModel.Open(float64);
        var crowded = new Crowded(1);
        SmallSweep.RowsOf(SmallSweep.Plan(model, Options(crowded) with { BatchSize = 2 })); // three batches
        Assert.Equal(1, crowded.Refusals);
    }

    [Fact]
    public void One_prompt_that_does_not_fit_is_an_error()
    {
        using var model = TinyModel.Open(float64);
        var error = Record.Exception(() => SmallSweep.RowsOf(SmallSweep.Plan(model, Options(new Crowded(0)))));
        Assert.IsType<TorchOutOfMemoryException>(TorchRuntime.ErrorOf(error!));
    }

    private static (string, int, int, int, int, int, int) Cell(SweepRow row) =>
        (row.Method, row.Layer, row.Prompt, row.Position, row.Target, row.Predicted, row.Rank);

    private static SweepOptions Options(Crowded mapping) => new()
    {
        Techniques = [NextTokenTechnique.LogitLens, new Into(mapping)],
        BatchSize = 5,
    };

    private sealed record Into(Mapping Mapping) : NextTokenTechnique
    {
        public override string Name => "into-a-prompt";

        public override Reading ReadingOf(LanguageModel model, int layer) =>
            new Reading.InPrompt(model.FromIds([60, 5, 39]), layer) { Mapping = Mapping };
    }

    // More residuals than fit ask libtorch for a petabyte, so that the refusal comes from where a real one does.
    private sealed record Crowded(int Fits) : Mapping
    {
        public int Refusals { get; private set; }

        public override string Name => "crowded";

        public override Tensor Apply(Tensor residual)
        {
            if (residual.size(0) > Fits)
            {
                Refusals++;
                empty([1L << 50]).Dispose();
            }

            return residual;
        }
    }
}
