namespace TorchSharp;

/// <summary>What a native call answers. Twin of <c>Status</c> in shim/shim.h.</summary>
internal enum TorchStatus
{
    Ok = 0,
    Shape = 1,
    Index = 2,
    OutOfMemory = 3,
    Other = 4,
}
