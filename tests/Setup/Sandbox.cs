using System.Diagnostics;
using System.Runtime.Versioning;

namespace Logitscope.Tests.Setup;

/// <summary>
/// A copy of the scripts in a folder with a space in its name, and a PATH with only the programs that every Linux has
/// and those that the test adds: what a script says on a machine that lacks something.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class Sandbox : IDisposable
{
    private static readonly string[] s_everywhere =
        """
        awk base64 basename bash cat chmod cp cut date dirname env find flock grep head mkdir mktemp mv nproc paste
        readlink rm sed sh sha256sum sha384sum sleep tail touch uname
        """.Split((char[])[' ', '\n']);

    private static readonly string[] s_copies =
    [
        "logitscope", "run.sh", "test.sh", "eng/common.sh", "eng/setup.sh",
    ];

    private readonly TemporaryFolder _folder = new("logitscope set-up ");
    private readonly string _programs;

    public Sandbox()
    {
        _programs = Directory.CreateDirectory(Path.Combine(Checkout, "programs")).FullName;
        foreach (var name in s_everywhere)
        {
            File.CreateSymbolicLink(Path.Combine(_programs, name), FindProgram(name));
        }

        foreach (var name in s_copies)
        {
            var copy = Path.Combine(Checkout, name);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Repository.File(name), copy);
        }
    }

    public string Checkout => _folder.Path;

    /// <summary>Adds a program to the PATH; its body is bash.</summary>
    public void AddProgram(string name, string body) => WriteScript(Path.Combine(_programs, name), body);

    /// <summary>Writes a script of the checkout in place of the real one.</summary>
    public void ReplaceScript(string name, string body) => WriteScript(Path.Combine(Checkout, name), body);

    /// <summary>Changes the copy of a source.</summary>
    public void Change(string name, Func<string, string> change)
    {
        var path = Path.Combine(Checkout, name);
        File.WriteAllText(path, change(File.ReadAllText(path)));
    }

    /// <summary>What the scripts have made, below the folder artifacts.</summary>
    public IEnumerable<string> Artifacts()
    {
        var folder = Path.Combine(Checkout, "artifacts");
        return Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal);
    }

    /// <summary>Runs a script of the checkout, by any path that leads to it.</summary>
    public Result Run(string script, string[] arguments, string? folder = null, (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo(Path.Combine(Checkout, script), arguments)
        {
            WorkingDirectory = folder ?? Checkout,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = _programs;
        if (variable is { } named)
        {
            start.Environment[named.Name] = named.Value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Result(process.ExitCode, output, error.Result);
    }

    public void Dispose() => _folder.Dispose();

    private static string FindProgram(string name) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, name)).First(File.Exists);

    private static void WriteScript(string path, string body)
    {
        File.WriteAllText(path, $"#!/usr/bin/env bash\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public sealed record Result(int ExitCode, string Output, string Error);
}
