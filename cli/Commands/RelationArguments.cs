using System.CommandLine;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary>A relation whose attributes are read from residuals of its subjects: the options and the answer of lre, probe and extract.</summary>
internal sealed class RelationArguments
{
    private static readonly string[] s_contexts = ["{}", "They spoke of {}"];

    private readonly ModelArguments _model = new();
    private readonly Answer _answer = new();

    private readonly Option<string> _relation = new Option<string>("--relation")
    {
        Description = "One of data/relations, or a file in the layout of evandez/relations.",
        DefaultValueFactory = _ => "country.currency",
        HelpName = "NAME|F.json",
    }.Completed(CheckoutFolder.Find(Path.Combine("data", "relations")) is { } folder ? Directory.EnumerateFiles(folder).Select(Path.GetFileNameWithoutExtension).Order()! : []);

    private readonly Option<string[]> _contexts = new("--context")
    {
        Description = $"Texts whose subject is read, {Relation.Gap} in its place. Default: {string.Join("; ", s_contexts)}.",
        HelpName = "\"... {} ...\"",
    };

    private readonly Option<int> _parts = new("--parts")
    {
        Description = "How many parts the subjects fall into: one is tested, one chooses, the others are fitted on, in turn.",
        DefaultValueFactory = _ => 5,
        HelpName = "N",
    };

    private readonly Option<long> _seed = new("--seed") { Description = "Draws the parts.", DefaultValueFactory = _ => 42, HelpName = "K" };

    private readonly Option<string?> _html = new("--html") { Description = "Also write the interactive chart.", HelpName = "F" };

    /// <summary>Adds the options to a verb, and what it does.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="measure">Scores, and what else the answer holds.</param>
    public void AddTo(Command command, Func<RelationRun, CancellationToken, (IReadOnlyList<AttributeScores> Scores, object? Target)> measure)
    {
        _parts.Between(3, most: null);
        foreach (var option in new Option[] { _relation, _contexts, _parts, _seed, _html, _answer.Json })
        {
            command.Add(option);
        }

        _model.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var all = Relation.Read(FileOf(parsed.GetValue(_relation)!));
            using var model = _model.Load(parsed);
            var known = all.KnownBy(model);
            var contexts = parsed.GetValue(_contexts) is { Length: > 0 } given ? given : s_contexts;
            var split = new AttributeSplit(known.Rows(model, contexts), parsed.GetValue(_parts), parsed.GetValue(_seed));
            using var progress = new LiveLine<FitProgress>(parsed, value => $"{value}");
            var (scores, target) = measure(new RelationRun(parsed, model, known, split, progress), cancellation);
            if (parsed.GetValue(_html) is { } page)
            {
                AtomicFile.Write(page, AttributeScores.Chart(scores).ToPage(PlotlyLibrary.Find()));
            }

            _answer.Write(
                parsed,
                new
                {
                    Relation = all.Name,
                    all.Template,
                    Facts = all.Facts.Count,
                    Known = known.Facts.Count,
                    Contexts = contexts,
                    Rows = split.Rows.Count,
                    Scores = ForPrograms(scores),
                    Target = target,
                },
                console =>
                {
                    console.WriteLine($"{all.Name}: the model knows {known.Facts.Count} of {all.Facts.Count} facts, after '{all.Template}'");
                    console.Write(Answer.TableOf(AttributeScores.ToTable(scores)));
                });
            return Task.FromResult(0);
        });
    }

    /// <summary>Scores as JSON has them.</summary>
    public static IEnumerable<object> ForPrograms(IEnumerable<AttributeScores> scores) => scores.Select(one => new
    {
        one.Method,
        AtChosen = new { one.AtChosen.Mean, one.AtChosen.Low, one.AtChosen.High },
        one.Chosen,
        Layers = one.Layers.Select(layer => new { layer.Layer, layer.Value.Mean, layer.Value.Low, layer.Value.High }),
        one.Count,
        one.Subjects,
    });

    private static string FileOf(string relation)
    {
        if (File.Exists(relation) || relation.EndsWith(".json", StringComparison.Ordinal))
        {
            return relation;
        }

        var folder = CheckoutFolder.Require("data", "relations");
        string[] names = [.. Directory.EnumerateFiles(folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];
        return names.Contains(relation) ? Path.Combine(folder, $"{relation}.json") : throw new LogitscopeException(
            $"--relation: expected a .json file or one of {string.Join(", ", names)}, got '{relation}'{DidYouMean.Of(relation, names)}");
    }
}

/// <summary>What a verb measures on.</summary>
/// <param name="Parsed">The command line.</param>
/// <param name="Model">The model.</param>
/// <param name="Relation">The facts that it knows.</param>
/// <param name="Split">Their subjects in every context.</param>
/// <param name="Progress">Told how far it is.</param>
internal sealed record RelationRun(ParseResult Parsed, LanguageModel Model, Relation Relation, AttributeSplit Split, IProgress<FitProgress> Progress);
