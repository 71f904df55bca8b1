using System.Globalization;

namespace Logitscope;

/// <summary>
/// What the notebooks run on. Environment variables choose it, so that "run all" asks nothing in any engine:
/// <c>LOGITSCOPE_MODEL</c> (a HuggingFace folder), <c>LOGITSCOPE_DTYPE</c> (float32, float64, bfloat16, float16),
/// <c>LOGITSCOPE_DEVICE</c> (cpu, cuda), <c>LOGITSCOPE_DATA</c> (a .jsonl or .txt of prompts), <c>LOGITSCOPE_LIMIT</c>
/// (how many of them) and <c>LOGITSCOPE_OUT</c> (where results go).
/// </summary>
public static class Settings
{
    /// <summary>Type and device of the model.</summary>
    /// <exception cref="LogitscopeException">A variable has a value that is not known.</exception>
    public static ModelOptions ModelOptions
    {
        get
        {
            var name = Read("LOGITSCOPE_DTYPE") ?? "float32";
            return ModelOptions.ElementTypes.TryGetValue(name, out var type)
                ? new ModelOptions { Dtype = type, Device = TorchRuntime.DeviceOf(Read("LOGITSCOPE_DEVICE") ?? "cpu") }
                : throw new LogitscopeException(
                    $"LOGITSCOPE_DTYPE: expected one of {string.Join(", ", ModelOptions.ElementTypes.Keys)}, got '{name}'");
        }
    }

    /// <summary>The file of prompts: the embedded model's held-out prompts by default.</summary>
    /// <exception cref="LogitscopeException">The default is not there.</exception>
    public static string Data =>
        Read("LOGITSCOPE_DATA")
        ?? CheckoutFolder.Find(Path.Combine("data", "prompts.jsonl"))
        ?? throw new LogitscopeException("data/prompts.jsonl is not in a folder above the library: set LOGITSCOPE_DATA");

    /// <summary>How many prompts to take; null for all.</summary>
    /// <exception cref="LogitscopeException">It is not a number above 0.</exception>
    public static int? Limit => Read("LOGITSCOPE_LIMIT") switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 => limit,
        var text => throw new LogitscopeException($"LOGITSCOPE_LIMIT: expected a number above 0, got '{text}'"),
    };

    /// <summary>Where results go: <c>out</c> at the top of the checkout by default.</summary>
    public static string Out =>
        Read("LOGITSCOPE_OUT")
        ?? Path.Combine(Path.GetDirectoryName(CheckoutFolder.Find("Logitscope.Lib.csproj")) ?? ".", "out");

    /// <summary>Brings the model into memory.</summary>
    /// <returns>The model.</returns>
    /// <exception cref="LogitscopeException">It is not there or broken.</exception>
    public static LanguageModel LoadModel() => LanguageModel.Load(options: ModelOptions);

    /// <summary>Reads the prompts.</summary>
    /// <returns>At most <see cref="Limit"/>.</returns>
    /// <exception cref="LogitscopeException">The file is not there or broken.</exception>
    public static IReadOnlyList<Example> ReadPrompts() => [.. ExampleFile.Read(Data, Limit)];

    /// <summary>The folder of one sweep: another plan has another folder, the same one goes on where it was.</summary>
    /// <param name="plan">The sweep.</param>
    /// <returns>Its folder under <see cref="Out"/>.</returns>
    public static string FolderOf(SweepPlan plan)
    {
        const int digits = 12;
        return Path.Combine(Out, "sweeps", plan.Hash()[..digits]);
    }

    /// <summary>The finished sweep under <see cref="Out"/> that was written last.</summary>
    /// <returns>Its folder.</returns>
    /// <exception cref="SweepException">There is none.</exception>
    public static string NewestSweep()
    {
        var sweeps = Path.Combine(Out, "sweeps");
        return (Directory.Exists(sweeps) ? Directory.EnumerateFiles(sweeps, SweepSummary.File, SearchOption.AllDirectories) : [])
            .OrderByDescending(File.GetLastWriteTimeUtc)
            .Select(Path.GetDirectoryName)
            .FirstOrDefault()
            ?? throw new SweepException($"{sweeps}: expected a finished sweep, got none; run 03_layer_sweep first");
    }

    private static string? Read(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
