using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope compare</c>: finished sweeps on one page.</summary>
internal static class CompareCommand
{
    private const int Most = 5;

    public static Command Create()
    {
        var folders = new Argument<string[]>("DIR") { Description = $"Folders of finished sweeps, two to {Most}.", Arity = new(2, Most) };
        var page = new Option<string>("--out") { Description = "The page.", DefaultValueFactory = _ => "compare.html", HelpName = "F.html" };
        var command = new Command("compare", "Draws finished sweeps on one page: models, data or options beside each other.") { folders, page };
        command.SetAction(parsed =>
        {
            var places = parsed.GetRequiredValue(folders);
            var path = parsed.GetValue(page)!;
            SweepReport.ComparisonPage([.. NamesOf(places).Zip(places.Select(place => SweepSummary.Read(place)))]).Save(path);
            parsed.InvocationConfiguration.Output.WriteLine($"open {path}");
            return 0;
        });
        return command;
    }

    // The last part of a path tells runs apart most often; the whole path always does.
    private static string[] NamesOf(string[] places)
    {
        string[] last = [.. places.Select(place => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(place))))];
        return [.. (last.Distinct().Count() == last.Length ? last : places).Select(name => name.Replace(", ", ",", StringComparison.Ordinal))];
    }
}
