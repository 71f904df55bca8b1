using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope compare</c>: finished sweeps on one page.</summary>
internal static class CompareCommand
{
    private const int Most = 5;

    private const string Unpaired =
        "The sweeps are drawn together, and their difference is not tested: prompts and positions of two runs are not paired. "
        + "Two methods of one sweep are, on the page of that sweep.";

    public static Command Create()
    {
        var folders = new Argument<string[]>("DIR") { Description = $"Folders of finished sweeps, two to {Most}.", Arity = ArgumentArity.OneOrMore };
        folders.Validators.Add(result =>
        {
            if (result.Tokens.Count is < 2 or > Most)
            {
                result.AddError($"expected folders of 2 to {Most} finished sweeps, got {result.Tokens.Count}");
            }
        });
        var page = new Option<string>("--out") { Description = "The page.", DefaultValueFactory = _ => "compare.html", HelpName = "F.html" };
        var command = new Command("compare", "Draws finished sweeps on one page: models, data or options beside each other.") { folders, page };
        command.SetAction(parsed =>
        {
            var places = parsed.GetRequiredValue(folders);
            var path = parsed.GetValue(page)!;
            PageOf([.. NamesOf(places).Zip(places.Select(SweepSummary.Read))]).Save(path);
            parsed.InvocationConfiguration.Output.WriteLine($"open {path}");
            return 0;
        });
        return command;
    }

    /// <summary>Every metric, what the sweeps differ in, and the numbers by layer; its boxes show and hide methods and sweeps.</summary>
    /// <param name="sweeps">Each under a name without a comma and a space.</param>
    internal static ResultsPage PageOf(params IReadOnlyList<(string Name, SweepSummary Summary)> sweeps)
    {
        var entries = sweeps.Select(sweep => sweep.Summary.Provenance.Entries.ToDictionary(entry => entry.Name, entry => entry.Value)).ToArray();
        var differing = entries.SelectMany(one => one.Keys).Distinct().Where(name => entries.DistinctBy(one => one.GetValueOrDefault(name)).Skip(1).Any());
        return new()
        {
            Title = $"Sweeps compared: {string.Join(", ", sweeps.Select(sweep => sweep.Name))}",
            Sections =
            [
                new() { Prose = $"{SweepReport.Reading}\n\n{Unpaired}", Contents = [.. SweepMetric.All.Select(metric => SweepReport.Compare(metric, sweeps))] },
                new()
                {
                    Heading = "What they differ in",
                    Contents = [Table.Of(differing, [("", name => name), .. sweeps.Zip(entries, (sweep, one) => (sweep.Name, (Func<string, object?>)one.GetValueOrDefault))])],
                },
                new() { Heading = "Numbers", Contents = [NumbersOf(SweepMetric.PrecisionAt1, sweeps), NumbersOf(SweepMetric.Surprisal, sweeps)] },
            ],
        };
    }

    private static Table NumbersOf(SweepMetric metric, IReadOnlyList<(string Name, SweepSummary Summary)> sweeps)
    {
        var curves = sweeps.SelectMany(sweep => sweep.Summary.Methods, (sweep, method) => (Name: $"{method.Key}, {sweep.Name}", Values: method.Value[metric])).ToArray();
        return Table.Of(
            Enumerable.Range(0, curves.Max(curve => curve.Values.Count)),
            [
                ("layer", layer => layer),
                .. curves.Select(curve => (curve.Name, (Func<int, object?>)(layer => layer < curve.Values.Count ? curve.Values[layer].Mean : null))),
            ]) with
        { Title = metric.Chart.Name };
    }

    // The last part of a path tells runs apart most often; the whole path always does.
    private static string[] NamesOf(string[] places)
    {
        string[] last = [.. places.Select(place => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(place))))];
        return [.. (last.Distinct().Count() == last.Length ? last : places).Select(name => name.Replace(", ", ",", StringComparison.Ordinal))];
    }
}
