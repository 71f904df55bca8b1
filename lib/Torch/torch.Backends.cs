using System.Runtime.InteropServices;

namespace TorchSharp;

/// <content>Settings of the libraries under libtorch.</content>
public static partial class torch
{
    /// <summary>The libraries under libtorch.</summary>
    public static partial class backends
    {
        /// <summary>Those of NVIDIA GPUs.</summary>
        public static partial class cuda
        {
            /// <summary>Matrix products.</summary>
            public static partial class matmul
            {
                /// <summary>
                /// Whether float32 matrix products on a GPU may round their factors to TF32: 10 bits of mantissa instead of
                /// 23, and several times the speed. Off by default. A setting of the whole process.
                /// </summary>
                /// <remarks>https://pytorch.org/docs/stable/notes/cuda.html</remarks>
                public static bool allow_tf32
                {
                    get
                    {
                        Native.Check(lt_get_allow_tf32(out var yes));
                        return yes != 0;
                    }

                    set => Native.Check(lt_set_allow_tf32(value ? 1 : 0));
                }

                [LibraryImport(Native.Library)]
                private static partial int lt_get_allow_tf32(out int yes);

                [LibraryImport(Native.Library)]
                private static partial int lt_set_allow_tf32(int yes);
            }
        }
    }
}
