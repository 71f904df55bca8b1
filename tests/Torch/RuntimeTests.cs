using TorchSharp;

namespace Logitscope.Tests.Torch;

[Collection(nameof(Alone))]
public class RuntimeTests
{
    [Fact]
    public void Libtorch_says_its_version_and_build()
    {
        Assert.Matches(@"^\d+\.\d+", torch.__version__);
        Assert.Contains("OpenMP", TorchRuntime.BuildInformation, StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(TorchRuntime.BlasLibrary);
    }

    [Fact]
    public void Threads_default_to_the_physical_cores()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is not null, "OMP_NUM_THREADS is set");
        Assert.Equal(Processor.PhysicalCores, torch.get_num_threads());
        torch.set_num_threads(1);
        Assert.Equal(1, torch.get_num_threads());
        torch.set_num_threads(Processor.PhysicalCores);
    }

    [Fact]
    public void A_fast_blas_gets_no_warning_and_a_slow_one_names_the_remedy()
    {
        var rate = TorchRuntime.MeasureGigaflops();
        Assert.True(rate > 0);
        Assert.Equal(rate < 8, TorchRuntime.SlowBlasWarning() is not null);
    }

    [Fact]
    public void A_seed_makes_random_tensors_repeat()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(7);
        var first = torch.randn([8]);
        torch.manual_seed(7);
        Assert.True(first.equal(torch.randn([8])));
    }
}
