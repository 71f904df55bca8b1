using System.Runtime.InteropServices;

namespace TorchSharp;

/// <content>Settings of the whole process.</content>
public static partial class torch
{
    private const int MaximumVersion = 64;

    /// <summary>The version of the libtorch in use.</summary>
    public static string __version__ => Native.ReadText(lt_version, MaximumVersion);

    /// <summary>How many threads one operation may use; by default one a physical core.</summary>
    /// <returns>At least 1.</returns>
    public static int get_num_threads()
    {
        Native.Check(lt_get_num_threads(out var threads));
        return threads;
    }

    /// <summary>Sets how many threads one operation may use.</summary>
    /// <param name="num">At least 1.</param>
    public static void set_num_threads(int num) => Native.Check(lt_set_num_threads(num));

    /// <summary>Restarts libtorch's random generator.</summary>
    /// <param name="seed">The seed.</param>
    public static void manual_seed(long seed) => Native.Check(lt_manual_seed(seed));

    /// <summary>NVIDIA GPUs.</summary>
    public static partial class cuda
    {
        /// <summary>Whether this libtorch was built for CUDA and sees a GPU.</summary>
        /// <returns>True if so.</returns>
        public static bool is_available() => device_count() > 0;

        /// <summary>How many GPUs this libtorch sees.</summary>
        /// <returns>0 where it was built for the CPU alone, or finds no driver.</returns>
        public static int device_count()
        {
            Native.Check(lt_cuda_device_count(out var count));
            return count;
        }

        [LibraryImport(Native.Library)]
        private static partial int lt_cuda_device_count(out int count);
    }

    [LibraryImport(Native.Library)]
    private static partial int lt_version([Out] byte[] buffer, int capacity);

    [LibraryImport(Native.Library)]
    private static partial int lt_get_num_threads(out int threads);

    [LibraryImport(Native.Library)]
    private static partial int lt_set_num_threads(int threads);

    [LibraryImport(Native.Library)]
    private static partial int lt_manual_seed(long seed);
}
