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
    public void The_reference_blas_gets_a_warning_with_the_remedy_and_no_other_does()
    {
        var warning = TorchRuntime.SlowBlasWarning("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0");
        Assert.Contains("libopenblas0-openmp", warning, StringComparison.Ordinal);
        Assert.Null(TorchRuntime.SlowBlasWarning("/usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblasp-r0.3.21.so"));
        Assert.Null(TorchRuntime.SlowBlasWarning("built in"));
        Assert.True(TorchRuntime.MeasureGigaflops() > 0);
    }

    [Fact]
    public void Libtorch_leaves_dotnet_the_signals_from_which_it_makes_exceptions()
    {
        var zero = (int)torch.tensor([0L]).ToInt64();
        Assert.Throws<DivideByZeroException>(() => 1 / zero);
        Assert.Throws<NullReferenceException>(() => ((string)null!).Length);
    }

    [Fact]
    public void A_library_that_does_not_load_is_refused_with_the_loaders_reason()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("libbroken.so");
        File.WriteAllText(path, new string('x', 4096));
        var error = Assert.Throws<TorchNotFoundException>(() => Native.Open(path));
        Assert.Contains("invalid ELF header", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_seed_makes_random_tensors_repeat()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(7);
        var first = torch.randn([8]).data<float>().ToArray();
        torch.manual_seed(7);
        Assert.Equal(first, torch.randn([8]).data<float>().ToArray());
    }
}
