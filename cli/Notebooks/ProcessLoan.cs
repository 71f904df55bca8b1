using System.Collections;

namespace Logitscope.Cli.Notebooks;

/// <summary>
/// Lends a notebook what a process has one of: the console, the current directory and the environment. All of it is as
/// before when the loan ends, so that notebooks run after one another do not see each other.
/// </summary>
internal sealed class ProcessLoan : IDisposable
{
    private readonly string _directory = Environment.CurrentDirectory;
    private readonly IDictionary _environment = Environment.GetEnvironmentVariables();
    private readonly (TextWriter Out, TextWriter Error, TextReader In) _console =
        (Console.Out, Console.Error, Console.In);

    /// <param name="folder">Current directory for the time of the loan.</param>
    /// <param name="write">Receives console text with the name of its stream.</param>
    public ProcessLoan(string folder, Action<string, string> write)
    {
        Environment.CurrentDirectory = folder;
        Console.SetOut(new ConsoleCapture(text => write("stdout", text)));
        Console.SetError(new ConsoleCapture(text => write("stderr", text)));
        Console.SetIn(TextReader.Null);
    }

    public void Dispose()
    {
        Console.SetIn(_console.In);
        Console.SetError(_console.Error);
        Console.SetOut(_console.Out);
        Environment.CurrentDirectory = _directory;
        var now = Environment.GetEnvironmentVariables();
        foreach (string name in now.Keys)
        {
            Environment.SetEnvironmentVariable(name, (string?)_environment[name]);
        }

        foreach (string name in _environment.Keys)
        {
            Environment.SetEnvironmentVariable(name, (string?)_environment[name]);
        }
    }
}
