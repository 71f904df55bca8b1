using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TorchSharp;

/// <summary>Owns one native tensor.</summary>
internal sealed partial class TensorHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Stands for no tensor, where a native function takes an optional one.</summary>
    public static readonly TensorHandle None = new();

    public TensorHandle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle() => lt_free(handle) == (int)TorchStatus.Ok;

    [LibraryImport(Native.Library)]
    private static partial int lt_free(nint tensor);
}
