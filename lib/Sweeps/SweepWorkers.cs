namespace Logitscope;

/// <summary>
/// How the processor's cores share a sweep: over its batches, or over each matrix product. libtorch's threads wait for
/// one another after every operation, and waking them costs as much as a small model's whole product; workers on
/// batches of their own meet nobody.
/// </summary>
/// <param name="Count">Batches that run at once.</param>
/// <param name="Threads">libtorch's threads for each.</param>
internal sealed record SweepWorkers(int Count, int Threads)
{
    // Measured: bench/README.md, "Batches or products".
    private const double FlopAThread = 5e9;

    /// <summary>What suits a plan, its model and the cores that libtorch may use.</summary>
    public static SweepWorkers For(SweepPlan plan) =>
        For(plan, get_num_threads(), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>The same for so many cores and bytes of memory.</summary>
    public static SweepWorkers For(SweepPlan plan, int cores, long memory)
    {
        var model = plan.Model;
        if (model.Device.type != DeviceType.CPU)
        {
            return new(1, cores);
        }

        var threads = ThreadsFor(model.HiddenSize, model.TokensToRun, cores);
        var fit = (memory - SweepEstimate.WeightBytesOf(plan)) / SweepCost.Of(plan).PeakBytes;
        return new((int)Math.Clamp(fit, 1, Math.Min(cores / threads, plan.Blocks)), threads);
    }

    /// <summary>libtorch's threads for one worker.</summary>
    /// <remarks>From the model alone: the last bits of a product depend on them, and parts of a sweep must fit together.</remarks>
    public static int ThreadsFor(int hidden, int tokens, int cores) =>
        (int)Math.Clamp(2.0 * tokens * hidden * (4.0 * hidden) / FlopAThread, 1, cores); // the MLP's first product

    /// <summary>Runs the batches of a plan.</summary>
    /// <param name="plan">What to run.</param>
    /// <param name="first">The first batch that is still to run.</param>
    /// <param name="cancellation">Stops between two blocks of the model.</param>
    /// <returns>
    /// The rows of each batch, in the plan's order, whichever is done first. A batch that fails throws in its place, after
    /// those before it; leaving the loop ends the others.
    /// </returns>
    public IEnumerable<IReadOnlyList<SweepRow>> Run(SweepPlan plan, int first, CancellationToken cancellation) =>
        (Count, Threads) == (1, get_num_threads()) ? RunHere(plan, first, cancellation) : RunOnThreads(plan, first, cancellation);

    private static IEnumerable<IReadOnlyList<SweepRow>> RunHere(SweepPlan plan, int first, CancellationToken cancellation)
    {
        using var engine = new SweepEngine(plan);
        for (var block = first; block < plan.Blocks; block++)
        {
            yield return engine.Run(block, cancellation);
        }
    }

    private IEnumerable<IReadOnlyList<SweepRow>> RunOnThreads(SweepPlan plan, int first, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        TaskCompletionSource<IReadOnlyList<SweepRow>>[] batches =
            [.. Enumerable.Range(first, plan.Blocks - first).Select(_ => new TaskCompletionSource<IReadOnlyList<SweepRow>>())];
        var taken = -1;
        var threads = TorchRuntime.StartThreads(Math.Min(Count, batches.Length), Threads, TakeBatches);
        try
        {
            foreach (var batch in batches)
            {
                cancellation.ThrowIfCancellationRequested(); // the batch may be done; who stopped does not wait for its rows
                yield return RowsOf(batch.Task, cancellation);
            }
        }
        finally
        {
            stop.Cancel();
            Array.ForEach(threads, thread => thread.Join());
        }

        void TakeBatches()
        {
            using var engine = new SweepEngine(plan);
            for (var i = Interlocked.Increment(ref taken); i < batches.Length; i = Interlocked.Increment(ref taken))
            {
                try
                {
                    batches[i].SetResult(engine.Run(first + i, stop.Token));
                }
                catch (Exception error)
                {
                    batches[i].SetException(error); // those who take later batches go on until the reader gets here
                    return;
                }
            }
        }
    }

    private static IReadOnlyList<SweepRow> RowsOf(Task<IReadOnlyList<SweepRow>> batch, CancellationToken cancellation)
    {
        try
        {
            return batch.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested(); // with the caller's token, not ours
            throw;
        }
    }
}
