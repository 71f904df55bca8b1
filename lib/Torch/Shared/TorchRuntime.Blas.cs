using System.Diagnostics;

namespace TorchSharp;

/// <content>How fast this BLAS is.</content>
public static partial class TorchRuntime
{
    // Any of these has kernels for the processor at hand. Debian's libtorch on the reference BLAS has 3 GFLOP/s.
    private static readonly string[] s_fastBlas = ["openblas", "mkl", "blis", "atlas"];

    /// <summary>The file of the BLAS that this process multiplies with, or <c>built in</c>.</summary>
    public static string BlasLibrary
    {
        get
        {
            _ = torch.get_num_threads(); // loads libtorch
            string[] loaded =
            [
                .. File.ReadLines("/proc/self/maps")
                    .Select(line => line[(line.LastIndexOf(' ') + 1)..])
                    .Where(path => Path.GetFileName(path).StartsWith("libblas", StringComparison.Ordinal) || IsFast(path))
                    .Distinct(),
            ];
            return loaded.FirstOrDefault(IsFast) ?? loaded.FirstOrDefault() ?? "built in";
        }
    }

    /// <summary>The rate of a float32 matrix product of n x n matrices.</summary>
    /// <param name="n">The size.</param>
    /// <returns>GFLOP/s, the best of three.</returns>
    public static double MeasureGigaflops(int n = 384)
    {
        using var scope = torch.NewDisposeScope();
        var matrix = torch.ones([n, n]);
        matrix.matmul(matrix).Dispose();
        var best = double.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var watch = Stopwatch.StartNew();
            matrix.matmul(matrix).Dispose();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }

        return 2.0 * n * n * n / best / 1e9;
    }

    /// <summary>A warning for the person at the keyboard when matrix products run on the slow reference BLAS.</summary>
    /// <returns>One line with the remedy, or null.</returns>
    public static string? SlowBlasWarning() => SlowBlasWarning(BlasLibrary);

    /// <summary>The same, for a BLAS by its file.</summary>
    internal static string? SlowBlasWarning(string library) =>
        !Path.GetFileName(library).StartsWith("libblas", StringComparison.Ordinal) || IsFast(library)
            ? null
            : $"matrix products run on the slow reference BLAS {library}: install libopenblas0-openmp, or run ./run.sh";

    private static bool IsFast(string path) =>
        s_fastBlas.Any(name => Path.GetFileName(path).Contains(name, StringComparison.OrdinalIgnoreCase));
}
