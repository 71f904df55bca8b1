using System.Diagnostics;
using System.Reflection;
using static TorchSharp.torch;

namespace Logitscope.Tests.Torch;

// TorchSharp forgets a temporary Scalar while libtorch reads it; Directory.Build.targets says what is done about it.
public class ScalarLifetimeTests
{
    [Fact]
    public void TorchSharp_is_compiled_so_that_arguments_live_to_the_end_of_a_method() =>
        Assert.True(typeof(Tensor).Assembly.GetCustomAttribute<DebuggableAttribute>()!.IsJITOptimizerDisabled);

    [Theory]
    [InlineData("lib")]
    [InlineData("cli")]
    public void So_it_is_for_notebooks_and_the_command_line(string folder)
    {
        var file = Repository.File("artifacts", folder, "TorchSharp.dll");
        Assert.SkipUnless(File.Exists(file), "set-up has not run");
        Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf((byte[])[8, 1, 0, 7, 1, 0, 0, 0, 0]) > 0);
    }

    [Fact]
    [Trait("Tier", "slow")]
    public void A_number_is_not_freed_while_it_is_read()
    {
        var (wrong, thrown, until) = (0L, 0L, DateTime.UtcNow.AddSeconds(20));
        Thread[] threads = [.. Enumerable.Range(0, 6).Select(_ => new Thread(Divide))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal((0, 0), (wrong, thrown));

        void Divide()
        {
            var garbage = new List<byte[]>();
            while (DateTime.UtcNow < until)
            {
                using var scope = NewDisposeScope();
                var one = ones(16);
                for (var i = 0; i < 200; i++)
                {
                    garbage.Add(new byte[2000]); // calls the garbage collector often
                    garbage = garbage.Count > 500 ? [] : garbage;
                    try
                    {
                        Interlocked.Add(ref wrong, (one / 2.0)[3].item<float>() == 0.5f ? 0 : 1);
                    }
                    catch (Exception error) when (error is not OutOfMemoryException)
                    {
                        Interlocked.Increment(ref thrown);
                    }
                }
            }
        }
    }
}
