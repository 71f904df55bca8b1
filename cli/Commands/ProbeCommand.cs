using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope probe</c>: a supervised probe of each layer.</summary>
internal static class ProbeCommand
{
    public static Command Create()
    {
        var defaults = new ProbeOptions();
        var ridge = new Option<double>("--ridge") { Description = "The ridge.", DefaultValueFactory = _ => defaults.Ridge, HelpName = "R" };
        var command = new Command("probe", "Probing: logistic regression from a subject's residual to its attribute, cross-validated.") { ridge };
        new RelationArguments().AddTo(command, (run, cancellation) =>
        {
            var (scores, shuffled) = Probe.CrossValidate(
                run.Model, run.Split, defaults with { Ridge = run.Parsed.GetValue(ridge) }, run.Progress, cancellation);
            return ([scores, shuffled, run.Split.Majority()], null);
        });
        return command;
    }
}
