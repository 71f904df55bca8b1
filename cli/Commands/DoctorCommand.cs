using System.CommandLine;
using System.Runtime.InteropServices;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope doctor</c>: what a bug report needs to know of this machine.</summary>
internal static class DoctorCommand
{
    private const double Gigabyte = 1e9;

    public static Command Create()
    {
        var answer = new Answer();
        var command = new Command("doctor", "Says what this machine has: for a bug report, and where something does not work.") { answer.Json };
        command.SetAction(parsed =>
        {
            var facts = Facts().ToArray();
            answer.Write(
                parsed,
                facts.ToDictionary(fact => fact.Name, fact => fact.Value),
                console => console.Write(Answer.TableOf(["", "here"], facts.Select(fact => new[] { fact.Name, fact.Value }))));
        });
        return command;
    }

    // Each says what it found, or why not: one that fails is what is looked for.
    private static IEnumerable<(string Name, string Value)> Facts()
    {
        yield return ("Logitscope", Provenance.LibraryVersion);
        yield return ("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}");
        yield return (".NET", RuntimeInformation.FrameworkDescription);
        yield return ("processors", $"{Environment.ProcessorCount}");
        yield return ("memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Gigabyte:N1} GB");
        yield return ("libtorch", Try(() => $"{TorchRuntime.Version} in {TorchRuntime.Folder}"));
        yield return ("matrix products", Try(() => $"{TorchRuntime.MeasureGigaflops():N0} GFLOP/s float32 on {TorchSharp.torch.get_num_threads()} threads, measured now"));
        yield return ("GPUs", Try(() => TorchSharp.torch.cuda.is_available() ? $"{TorchSharp.torch.cuda.device_count()}" : "none that this libtorch sees"));
        yield return ("embedded model", Try(() => LanguageModel.Load() is var model && model.ToString() is { } name ? $"{name}, answers {Answers(model)}" : ""));
        yield return ("models in HuggingFace's cache", Try(() => Directory.Exists(HuggingFaceCache.Folder)
            ? $"{Directory.GetDirectories(HuggingFaceCache.Folder, "models--*").Length} in {HuggingFaceCache.Folder}"
            : $"none: no {HuggingFaceCache.Folder}"));
        yield return ("charts", PlotlyLibrary.Find() is { } plotly ? $"work offline, {plotly.Path}" : "load plotly.js from the network");
        yield return ("pictures as .png", Chromium.Find() is { } chromium ? $"by {chromium}" : "need a Chromium on the PATH");
        yield return ("dotnet repl", Tool("repl"));
        yield return ("variables", string.Join(", ", Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("LOGITSCOPE_", StringComparison.Ordinal) || name is "LIBTORCH" or "HF_HOME" or "HF_HUB_CACHE" or "HF_HUB_OFFLINE" or "OMP_NUM_THREADS")
            .Order(StringComparer.Ordinal)) is { Length: > 0 } set ? set : "none of ours set");
    }

    private static string Answers(LanguageModel model)
    {
        using (model)
        {
            return model.Tokenizer.Words(model.Generate(model.Encode("The capital of France is").Ids, new() { MaxNewTokens = 1 }));
        }
    }

    private static string Try(Func<string> fact)
    {
        try
        {
            return fact();
        }
        catch (Exception error) when (error is LogitscopeException or IOException or UnauthorizedAccessException || TorchRuntime.ErrorOf(error) is not null)
        {
            return OneLine.Of((TorchRuntime.ErrorOf(error) ?? error).Message);
        }
    }

    private static string Tool(string name)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var everywhere = Directory.Exists(Path.Combine(home, ".dotnet", "tools", ".store", $"dotnet-{name}"));
        var here = CheckoutFolder.Find(Path.Combine(".config", "dotnet-tools.json")) is { } file
            && File.ReadAllText(file).Contains($"\"dotnet-{name}\"", StringComparison.Ordinal);
        return everywhere ? "installed for this user" : here ? "a tool of this checkout" : "not found";
    }
}
