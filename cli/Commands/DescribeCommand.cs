using System.CommandLine;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope describe</c>: what a model holds of a name, layer by layer.</summary>
internal static class DescribeCommand
{
    public static Command Create()
    {
        var (model, answer, defaults) = (new ModelArguments(), new Answer(), new DescriptionOptions());
        var names = new Option<string[]>("--entity") { Description = "A name to describe. Default: some of --data.", HelpName = "NAME" };
        var data = new Option<string?>("--data")
        {
            Description = "Entities: a .jsonl of name and descriptions, which what is said is held against. Default: those of the atlas.",
            HelpName = "F.jsonl",
        };
        var limit = new Option<int>("--limit") { Description = "Entities of the file, drawn at random.", DefaultValueFactory = _ => 60, HelpName = "N" };
        limit.AtLeastOne();
        var target = new Option<string?>("--target") { Description = $"The list that ends in the placeholder. Default: {defaults.Target}", HelpName = "\"..., x\"" };
        var placeholder = new Option<string>("--placeholder") { Description = "What is replaced.", DefaultValueFactory = _ => defaults.Placeholder, HelpName = "x" };
        var words = new Option<bool>("--same-word") { Description = "Reads which word it is: a list of words and themselves, and the residual as an embedding." };
        var scale = new Option<double>("--scale") { Description = "Multiplies the residual.", DefaultValueFactory = _ => defaults.Scale, HelpName = "A" };
        var length = new Option<int>("--max-new-tokens") { Description = "How many tokens are generated.", DefaultValueFactory = _ => defaults.MaxNewTokens, HelpName = "N" };
        length.AtLeastOne();
        var seed = new Option<long>("--seed") { Description = "Draws the entities.", DefaultValueFactory = _ => 42, HelpName = "K" };
        var html = new Option<string?>("--html") { Description = "Also write the interactive chart.", HelpName = "F" };
        var command = new Command("describe", "Entity description: what is said of a name when its residual stands in a list of descriptions.")
        {
            names, data, limit, target, placeholder, words, scale, length, seed, html, answer.Json,
        };
        model.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(words) && result.GetResult(target) is not null)
            {
                result.AddError($"expected {target.Name} or {words.Name}, got both");
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            var all = Entity.Read(parsed.GetValue(data) ?? CheckoutFolder.Require("data", "entities.jsonl"));
            IReadOnlyList<Entity> entities = parsed.GetValue(names) is { Length: > 0 } given
                ? [.. given.Select(name => all.FirstOrDefault(entity => entity.Name == name) ?? new Entity(name, []))]
                : [.. new PythonRandom(parsed.GetValue(seed)).Shuffled(all).Take(parsed.GetValue(limit))];
            using var loaded = model.Load(parsed);
            using var progress = new LiveLine<FitProgress>(parsed, value => $"{value}");
            var same = parsed.GetValue(words);
            var said = loaded.Describe(
                entities,
                defaults with
                {
                    Target = same ? DescriptionOptions.SameWord : parsed.GetValue(target) ?? defaults.Target,
                    Placeholder = parsed.GetValue(placeholder)!,
                    IntoEmbedding = same,
                    Scale = parsed.GetValue(scale),
                    MaxNewTokens = parsed.GetValue(length),
                },
                progress, cancellation);
            LayerScore[] scores = same ? [.. said.Named()] : [.. said.Scores()];
            if (parsed.GetValue(html) is { } page)
            {
                AtomicFile.Write(page, DescribedEntities.Chart(scores).ToPage(PlotlyLibrary.Find()));
            }

            answer.Write(
                parsed,
                new
                {
                    Target = new { said.Target.Ids, Tokens = said.Target.Tokens.Select(token => token.Text) },
                    Entities = entities.Select((entity, i) => new { entity.Name, entity.Descriptions, Said = said.Layers.Select(layer => layer.Texts[i]) }),
                    said.Unpatched,
                    Scores = scores.Select(score => new { score.Method, score.Layer, score.Value.Mean, score.Value.Low, score.Value.High, score.Count }),
                },
                console =>
                {
                    if (entities.Count <= Shown || scores.Length == 0)
                    {
                        foreach (var i in Enumerable.Range(0, entities.Count))
                        {
                            var table = said.Unfolding(i);
                            console.WriteLine(table.Title);
                            console.Write(Answer.TableOf(table));
                        }

                        return;
                    }

                    console.Write(Answer.TableOf(
                        ["layer", .. scores.Select(score => score.Method).Distinct()],
                        scores.GroupBy(score => score.Layer).Select(layer => layer.Select(score => Numbers.Short(score.Value)).Prepend($"{layer.Key}"))));
                    console.WriteLine($"{(same ? "share named" : "ROUGE-L F1")}, {scores[0].Count} entities, 95 % intervals over them");
                });
            return Task.FromResult(0);
        });
        return command;
    }

    private const int Shown = 3;
}
