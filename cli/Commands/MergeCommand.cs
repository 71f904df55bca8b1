using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope merge</c>: the parts of a sweep become the whole.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "The --out of every part." };
        var command = new Command("merge", "Puts the shards of a sweep together: what one machine would have written.") { folder };
        command.SetAction(parsed =>
        {
            var place = parsed.GetRequiredValue(folder);
            SweepCommand.Finish(parsed, SweepMerge.Run(place), place);
            return 0;
        });
        return command;
    }
}
