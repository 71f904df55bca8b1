using System.Runtime.InteropServices;

namespace Logitscope;

/// <summary>What a question about this machine needs: the first cell of the first notebook.</summary>
public static class Diagnostics
{
    private const double Mebibyte = 1 << 20;

    /// <summary>Versions, libraries, threads, device, model and memory.</summary>
    /// <param name="model">The model in use.</param>
    /// <returns>A table of names and values.</returns>
    public static Table Of(LanguageModel model) => new(
        ["", "here"],
        [
            ["Logitscope", Provenance.LibraryVersion],
            [".NET", RuntimeInformation.FrameworkDescription],
            ["libtorch", TorchRuntime.Version],
            ["matrix products", $"{TorchRuntime.MeasureGigaflops():N0} GFLOP/s float32, measured now"],
            ["threads", $"{get_num_threads()} of {Environment.ProcessorCount} processors"],
            ["CUDA", cuda.is_available() ? "available" : "none"],
            ["model", $"{model}"],
            ["fingerprint", model.Fingerprint[..12]],
            ["memory", $"{Environment.WorkingSet / Mebibyte:N0} MiB in all, {WeightBytes(model) / Mebibyte:N0} MiB of weights"],
            ["charts", PlotlyLibrary.Find() is null ? "load plotly.js from the network" : "work offline"],
        ]);

    private static long WeightBytes(LanguageModel model) =>
        model.Weights.Values.Sum(weight => weight.NumberOfElements * weight.dtype.ElementSize());
}
