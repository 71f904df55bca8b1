using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Torch;

/// <summary>Without these, a test on the second device could pass for the wrong reason.</summary>
public class SecondDeviceTests
{
    [Fact]
    public void It_computes_what_the_CPU_computes()
    {
        using var scope = NewDisposeScope();
        var device = SecondDevice.Get();
        var values = tensor([1.0, 2, 3, 4], [2, 2]);
        var product = values.to(device).matmul(values.to(device));
        Assert.Equal((device.type, device.index), (product.device.type, product.device.index));
        Assert.Equal([7.0, 10, 15, 22], product.data<double>().ToArray());
        Assert.Equal([2.0, 4], values.to(device).select(1, 1).data<double>().ToArray());
    }

    [Fact]
    public void It_refuses_a_tensor_of_the_CPU_beside_its_own()
    {
        using var scope = NewDisposeScope();
        var device = SecondDevice.Get();
        var (here, there) = (ones([3, 3]), ones([3, 3], device: device));
        Assert.Throws<TorchException>(() => there.index_select(0, tensor([1L])));
        Assert.Throws<TorchException>(() => cat([there, here]));
        Assert.Throws<TorchException>(() => there + here);
        Assert.Throws<TorchException>(() => there.matmul(here));
        Assert.Throws<TorchException>(() => there.gather(0, zeros([1, 3], int64)));
        Assert.Throws<TorchException>(() => there.masked_fill(ones([3, 3], @bool), 0));
    }

    [Fact]
    public void Its_memory_is_not_read_in_place() =>
        Assert.Throws<LogitscopeException>(() => { _ = ones([3], device: SecondDevice.Get()).bytes; });
}
