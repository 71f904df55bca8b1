using Logitscope.Cli;

<<<<<<< HEAD
return await CommandLine.RunAsync(args, Console.Out, Console.Error).ConfigureAwait(false);
=======
var notebooks = new Argument<string[]>("notebook") { Arity = ArgumentArity.OneOrMore, Description = "An .ipynb file." };
var outFolder = new Option<string>("--out") { Required = true, Description = "Folder for results and pages." };
var keepGoing = new Option<bool>("--keep-going") { Description = "Go on after a failed cell." };
var run = new Command("run", "Runs notebooks without an editor.") { notebooks, outFolder, keepGoing };
run.SetAction(async (arguments, _) =>
{
    using var interrupt = new InterruptSignal();
    return await NotebookRunner.RunAsync(
        arguments.GetRequiredValue(notebooks),
        arguments.GetRequiredValue(outFolder),
        arguments.GetValue(keepGoing),
        Console.Error,
        interrupt.Token);
});

return await new RootCommand("Logitscope") { run }
    .Parse(args)
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
>>>>>>> run
