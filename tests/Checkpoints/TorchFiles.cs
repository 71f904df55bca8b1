using System.Diagnostics;

namespace Logitscope.Tests.Checkpoints;

/// <summary>What torch_files.py wrote with torch.save.</summary>
internal static class TorchFiles
{
    private const string Python = "/usr/bin/python3";

    /// <summary>The committed files.</summary>
    public static string Committed(string name) => Repository.File("tests", "Checkpoints", "TorchFiles", name);

    /// <summary>The one model in all formats.</summary>
    public static string[] Models() =>
        [Repository.File("tests", "Golden", "gptj", "one-layer"), .. new[] { "pytorch", "sharded-pytorch", "sharded-safetensors" }.Select(Committed)];

    /// <summary>Writes them anew; the test is skipped, saying so, where the system's Python has no torch.</summary>
    public static void WriteTo(string folder)
    {
        Assert.SkipUnless(File.Exists(Python) && Run("-c", "import torch") == 0, "there is no python3-torch here");
        Assert.Equal(0, Run(Repository.File("tests", "Checkpoints", "torch_files.py"), folder));
    }

    private static int Run(params string[] arguments)
    {
        using var python = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardError = true })!;
        python.StandardError.ReadToEnd();
        python.WaitForExit();
        return python.ExitCode;
    }
}
