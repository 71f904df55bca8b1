using System.CommandLine;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope multihop</c>: questions of two hops, by a Patchscope and by back-patching.</summary>
internal static class MultiHopCommand
{
    public static Command Create()
    {
        var (model, answer, defaults) = (new ModelArguments(), new Answer(), new MultiHopOptions());
        var data = new Option<string?>("--data")
        {
            Description = "Questions: a .jsonl of subject, argument, relation, bridge and answer. Default: chains that the embedded model was never told.",
            HelpName = "F.jsonl",
        };
        var limit = new Option<int>("--limit") { Description = "Questions, drawn at random.", DefaultValueFactory = _ => 100, HelpName = "N" };
        limit.AtLeastOne();
        var placeholder = new Option<string>("--placeholder")
        {
            Description = "What ends the second hop and is replaced.",
            DefaultValueFactory = _ => defaults.Placeholder,
            HelpName = "x",
        };
        var length = new Option<int>("--max-new-tokens")
        {
            Description = "How many tokens an answer may take to come.",
            DefaultValueFactory = _ => defaults.MaxNewTokens,
            HelpName = "N",
        };
        length.AtLeastOne();
        var seed = new Option<long>("--seed") { Description = "Draws questions and parts.", DefaultValueFactory = _ => defaults.Seed, HelpName = "K" };
        var command = new Command("multihop", "Two hops: the argument's residual in the second hop's prompt, and back-patching, beside plain questions.")
        {
            data, limit, placeholder, length, seed, answer.Json,
        };
        model.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var questions = TwoHopQuestion.Read(parsed.GetValue(data) ?? CheckoutFolder.Require("data", "two-hops.jsonl"));
            using var loaded = model.Load(parsed);
            using var progress = new LiveLine<FitProgress>(parsed, value => $"{value}");
            var result = MultiHop.Run(
                loaded, [.. new PythonRandom(parsed.GetValue(seed)).Shuffled(questions).Take(parsed.GetValue(limit))],
                defaults with { Placeholder = parsed.GetValue(placeholder)!, MaxNewTokens = parsed.GetValue(length), Seed = parsed.GetValue(seed) },
                progress, cancellation);
            var scores = result.Scores();
            var damage = result.Damage();
            answer.Write(
                parsed,
                new
                {
                    result.Asked,
                    Known = result.Known.Count,
                    Scores = RelationArguments.ForPrograms(scores),
                    Damage = damage.Rows.Select(row => new { Plain = row[0], Right = (Interval)row[1]!, Questions = row[2] }),
                },
                console =>
                {
                    console.WriteLine($"{result.Known.Count} of {result.Asked} questions have two hops that the model knows, each apart");
                    console.Write(Answer.TableOf(AttributeScores.ToTable(scores)));
                    console.WriteLine($"{BackPatching.Kind}, what it mends and what it spoils:");
                    console.Write(Answer.TableOf(damage));
                });
            return Task.FromResult(0);
        });
        return command;
    }
}
