using System.CommandLine;
using Logitscope.Cli.Notebooks;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope run</c>: executes notebooks without an editor.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var notebooks = new Argument<string[]>("notebook")
        {
            Description = "Notebooks (.ipynb).",
            Arity = ArgumentArity.OneOrMore,
        };
        var folder = new Option<string>("--out")
        {
            Description = "Gets the executed notebooks and their HTML pages.",
            Required = true,
            HelpName = "DIR",
        };
        var keepGoing = new Option<bool>("--keep-going") { Description = "Go on after a failed cell." };
        var command = new Command("run", "Executes notebooks; exit code 2 when a cell failed.")
        {
            notebooks, folder, keepGoing,
        };
        command.SetAction((parsed, cancellation) => NotebookRunner.RunAsync(
            parsed.GetRequiredValue(notebooks),
            parsed.GetRequiredValue(folder),
            parsed.GetValue(keepGoing),
            parsed.InvocationConfiguration.Error,
            cancellation));
        return command;
    }
}
