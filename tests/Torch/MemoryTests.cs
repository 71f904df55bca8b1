using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Torch;

// Counts native tensors of the whole process, so nothing else may run beside it.
[Collection(nameof(Alone))]
public class MemoryTests
{
    [Fact]
    public void A_scope_brings_tensors_and_bytes_back_to_where_they_were()
    {
        var (tensors, bytes) = Settled();
        using (NewDisposeScope())
        {
            var matrix = ones([100, 100]);
            for (var i = 0; i < 10; i++)
            {
                matrix = matrix.matmul(matrix) / 100;
            }

            Assert.True(TorchRuntime.LiveTensors >= tensors + 21);
            Assert.True(TorchRuntime.NativeBytes >= bytes + (21 * 40_000));
        }

        Assert.Equal((tensors, bytes), (TorchRuntime.LiveTensors, TorchRuntime.NativeBytes));
    }

    [Fact]
    public void A_forgotten_tensor_is_freed_by_the_collector()
    {
        var (tensors, bytes) = Settled();
        Forget();
        Assert.Equal((tensors, bytes), Settled());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget() => _ = ones([1000]);
    }

    [Fact]
    public void Moving_out_keeps_a_tensor_for_the_outer_scope()
    {
        var (tensors, _) = Settled();
        using (var outer = NewDisposeScope())
        {
            Tensor kept;
            using (NewDisposeScope())
            {
                kept = (ones([3]) + 1).MoveToOuterDisposeScope();
            }

            Assert.Equal(1, outer.DisposablesCount);
            Assert.Equal([2f, 2, 2], kept.data<float>().ToArray());
        }

        Assert.Equal(tensors, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_detached_tensor_outlives_every_scope()
    {
        Tensor kept;
        using (NewDisposeScope())
        {
            kept = ones([2]).DetachFromDisposeScope();
        }

        Assert.Equal([1f, 1], kept.data<float>().ToArray());
        kept.Dispose();
    }

    [Fact]
    public async Task A_scope_survives_an_await()
    {
        var (tensors, _) = Settled();
        using (NewDisposeScope())
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
            await Task.Run(() => ones([5]), TestContext.Current.CancellationToken);
            _ = ones([5]);
            Assert.Equal(tensors + 2, TorchRuntime.LiveTensors);
        }

        Assert.Equal(tensors, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_failed_operation_leaks_nothing()
    {
        var (tensors, bytes) = Settled();
        using (NewDisposeScope())
        {
            var (left, right) = (ones([2, 3]), ones([4, 5]));
            for (var i = 0; i < 100; i++)
            {
                Assert.Throws<TorchShapeException>(() => left.matmul(right));
            }
        }

        Assert.Equal((tensors, bytes), (TorchRuntime.LiveTensors, TorchRuntime.NativeBytes));
    }

    [Fact]
    public unsafe void Memory_of_somebody_else_is_held_until_the_last_tensor_is_gone()
    {
        fixed (float* data = new float[] { 1, 2, 3, 4 })
        {
            var matrix = Wrap((nint)data, out var owner);
            var view = matrix.select(0, 1);
            matrix.Dispose();
            Collect();
            Assert.True(owner.IsAlive);
            Assert.Equal([3f, 4], view.data<float>().ToArray());
            view.Dispose();
            Collect();
            Assert.False(owner.IsAlive);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Tensor Wrap(nint data, out WeakReference owner)
        {
            var made = new object();
            owner = new WeakReference(made);
            return TorchRuntime.FromMemory(data, [2, 2], float32, made);
        }
    }

    [Fact]
    public void The_peak_is_remembered_until_it_is_reset()
    {
        _ = Settled();
        TorchRuntime.ResetPeak();
        var before = TorchRuntime.NativeBytes;
        ones([1 << 20]).Dispose();
        Assert.Equal(before + (4 << 20), TorchRuntime.PeakNativeBytes);
        TorchRuntime.ResetPeak();
        Assert.Equal(before, TorchRuntime.PeakNativeBytes);
    }

    private static (long Tensors, long Bytes) Settled()
    {
        Collect();
        return (TorchRuntime.LiveTensors, TorchRuntime.NativeBytes);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
