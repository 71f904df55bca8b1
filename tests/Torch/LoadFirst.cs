using System.Runtime.CompilerServices;

namespace Logitscope.Tests.Torch;

/// <summary>Tests may touch a tensor before anything of the library, which would leave TorchSharp to its own search.</summary>
internal static class LoadFirst
{
#pragma warning disable CA2255 // It is the program's own start.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Load() => TorchRuntime.Load();
}
