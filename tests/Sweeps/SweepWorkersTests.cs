using System.Text.Json;
using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

/// <summary>Batches on several threads at once: the rows, their order and what goes wrong are those of one after the other.</summary>
[Collection(nameof(Alone))] // counts libtorch's threads, which others may set
public class SweepWorkersTests
{
    private static readonly CancellationToken s_cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(7, 1)] // more than there are batches
    public void The_rows_are_those_of_one_worker_to_the_last_byte_whichever_batch_is_done_first(int count, int threads)
    {
        using var model = TinyModel.Open(float32);
        var expected = Bytes(Rows(Plan(model, _ => { }), new(1, threads)));
        Assert.Equal(expected, Bytes(Rows(Plan(model, TheFirstOneIsLate()), new(count, threads))));
    }

    [Fact]
    public void It_goes_on_at_any_batch()
    {
        using var model = TinyModel.Open(float32);
        var plan = SmallSweep.Plan(model);
        var all = Rows(plan, new(1, 1));
        Assert.Equal(
            Bytes([.. all.Skip(plan.RowsOf(0))]),
            Bytes([.. new SweepWorkers(2, 1).Run(plan, first: 1, s_cancellation).SelectMany(rows => rows)]));
        Assert.Empty(new SweepWorkers(2, 1).Run(plan, plan.Blocks, s_cancellation));
    }

    [Fact]
    public void A_worker_that_fails_throws_its_own_error_after_the_batches_before_it()
    {
        using var model = TinyModel.Open(float32);
        var late = TheFirstOneIsLate();
        var plan = Plan(model, residual =>
        {
            late(residual);
            if (residual.size(0) == 1)
            {
                throw new PatchException("the third batch, which has one prompt");
            }
        });
        var kept = new List<SweepRow>();
        var error = Assert.Throws<PatchException>(() =>
        {
            foreach (var rows in new SweepWorkers(2, 1).Run(plan, 0, s_cancellation))
            {
                kept.AddRange(rows);
            }
        });
        Assert.Equal("the third batch, which has one prompt", error.Message);
        Assert.Equal(Bytes([.. Rows(Plan(model, _ => { }), new(1, 1)).Take(plan.RowsOf(0) + plan.RowsOf(1))]), Bytes(kept));
    }

    [Fact]
    public void A_sweep_that_is_stopped_says_so_with_the_callers_token_and_leaves_no_thread_behind()
    {
        using var model = TinyModel.Open(float32);
        using var stop = new CancellationTokenSource();
        var calls = 0;
        var plan = Plan(model, _ =>
        {
            if (Interlocked.Increment(ref calls) == 2)
            {
                stop.Cancel();
            }
        });
        var error = Assert.ThrowsAny<OperationCanceledException>(() => Rows(plan, new(2, 1), stop.Token));
        Assert.Equal(stop.Token, error.CancellationToken);
        var atTheEnd = calls;
        Thread.Sleep(50);
        Assert.Equal(atTheEnd, calls);
    }

    [Fact]
    public void Libtorchs_threads_are_as_many_as_before_for_everyone_else()
    {
        using var model = TinyModel.Open(float32);
        var (before, inWorker) = (get_num_threads(), new HashSet<int>());
        var plan = Plan(model, _ =>
        {
            lock (inWorker)
            {
                inWorker.Add(get_num_threads());
            }
        });
        Rows(plan, new(2, before + 1));
        Assert.Equal([before + 1], inWorker);
        Assert.Equal(before, get_num_threads());
        var elsewhere = 0;
        var thread = new Thread(() => elsewhere = get_num_threads());
        thread.Start();
        thread.Join();
        Assert.Equal(before, elsewhere);
    }

    [Theory]
    [InlineData(2, 1e12, 2)]
    [InlineData(64, 1e12, 3)] // as many as batches
    [InlineData(1, 1e12, 1)]
    [InlineData(64, 1, 1)] // and as fit the memory
    public void A_small_model_gets_a_worker_a_core(int cores, double memory, int expected)
    {
        using var model = TinyModel.Open(float32);
        Assert.Equal(new SweepWorkers(expected, 1), SweepWorkers.For(SmallSweep.Plan(model), cores, (long)memory));
    }

    [Theory]
    [InlineData(128, 2, 1)]
    [InlineData(4096, 2, 2)]
    [InlineData(4096, 64, 54)] // 275 GFLOP
    [InlineData(1024, 64, 3)] // 17 GFLOP
    public void A_large_models_products_are_divided(int hidden, int cores, int expected) =>
        Assert.Equal(expected, SweepWorkers.ThreadsFor(hidden, tokens: 2048, cores));

    private static SweepPlan Plan(LanguageModel model, Action<Tensor> look) =>
        SmallSweep.Plan(model, SmallSweep.Options with { Techniques = [new Through(new Seen(look))] });

    private static Action<Tensor> TheFirstOneIsLate()
    {
        var calls = 0;
        return _ => Thread.Sleep(Interlocked.Increment(ref calls) == 1 ? 150 : 0);
    }

    private static SweepRow[] Rows(SweepPlan plan, SweepWorkers workers, CancellationToken? cancellation = null) =>
        [.. workers.Run(plan, 0, cancellation ?? s_cancellation).SelectMany(rows => rows)];

    private static string Bytes(IReadOnlyList<SweepRow> rows) => JsonSerializer.Serialize(rows);

    private sealed record Through(Mapping Mapping) : NextTokenTechnique
    {
        public override string Name => "through";

        public override Reading ReadingOf(LanguageModel model, int layer) =>
            new Reading.InPrompt(model.FromIds([60, 5, 39]), layer) { Mapping = Mapping };
    }

    // Sees the residuals of a batch at a layer, on the worker's thread.
    private sealed record Seen(Action<Tensor> Look) : Mapping
    {
        public override string Name => "seen";

        public override Tensor Apply(Tensor residual)
        {
            Look(residual);
            return residual;
        }
    }
}
