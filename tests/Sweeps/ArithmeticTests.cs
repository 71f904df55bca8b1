using Logitscope.World;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Sweeps;

/// <summary>TF32 changes results, so results made with it say so, and are not mixed with others.</summary>
[Collection(nameof(Alone))]
public sealed class ArithmeticTests : IDisposable
{
    public void Dispose() => backends.cuda.matmul.allow_tf32 = false;

    [Theory]
    [InlineData(ScalarType.Float32, DeviceType.CUDA, "float32 (tf32)")]
    [InlineData(ScalarType.Float32, DeviceType.CPU, "float32")]
    [InlineData(ScalarType.BFloat16, DeviceType.CUDA, "bfloat16 (tf32)")]
    [InlineData(ScalarType.Float64, DeviceType.CUDA, "float64")]
    public void TF32_is_named_where_it_can_change_a_result_and_makes_another_plan(ScalarType dtype, DeviceType device, string name)
    {
        using var model = new Elsewhere(new() { Dtype = dtype, Device = new Device(device) });
        var without = SmallSweep.Plan(model);
        var (hash, plain) = (without.Hash(), Provenance.Of(without).Dtype);
        backends.cuda.matmul.allow_tf32 = true;
        Assert.True(backends.cuda.matmul.allow_tf32);
        Assert.Equal(name, Provenance.Of(SmallSweep.Plan(model)).Dtype);
        Assert.Equal(name == plain, SmallSweep.Plan(model).Hash() == hash);
    }

    [Fact]
    public void TF32_is_off_unless_asked_for() => Assert.False(backends.cuda.matmul.allow_tf32);

    // On a device that this machine need not have: a plan computes nothing.
    private sealed class Elsewhere(ModelOptions options)
        : LanguageModel(new WeightReader(new RandomWeights(1), options.Dtype, CPU), options)
    {
        public override string Architecture => "none";

        public override object Config => "none";

        public override int Layers => 2;

        public override int Heads => 1;

        public override int HiddenSize => 4;

        public override int VocabularySize => 61;

        public override int ContextLength => 32;

        public override Tensor FinalNorm(Tensor residual) => throw new NotSupportedException();

        public override Tensor Head(Tensor normal) => throw new NotSupportedException();

        protected internal override Tensor FrozenNorm(Tensor part, Tensor whole) => throw new NotSupportedException();

        protected internal override Tensor Embed(Tensor ids, int past) => throw new NotSupportedException();

        protected internal override Tensor RunBlock(int layer, Tensor residPre, Pass pass) =>
            throw new NotSupportedException();
    }
}
