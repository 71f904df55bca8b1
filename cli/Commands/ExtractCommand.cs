using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope extract</c>: feature extraction by a Patchscope.</summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        var defaults = new ExtractionOptions();
        var placeholder = new Option<string>("--placeholder")
        {
            Description = "What ends the target prompt and is replaced.",
            DefaultValueFactory = _ => defaults.Placeholder,
            HelpName = "x",
        };
        var id = new Option<int?>("--placeholder-id") { Description = "Or a token by its id.", HelpName = "ID" };
        var length = new Option<int>("--max-new-tokens")
        {
            Description = "How many tokens the attribute may take to come.",
            DefaultValueFactory = _ => defaults.MaxNewTokens,
            HelpName = "N",
        };
        length.AtLeastOne();
        var command = new Command("extract", "Feature extraction: a subject's residual in the place of x in 'The capital of x', and what is said then.")
        {
            placeholder, id, length,
        };
        new RelationArguments().AddTo(command, (run, cancellation) =>
        {
            var features = FeatureExtraction.Extract(
                run.Model, run.Relation, run.Split.Rows,
                new() { Placeholder = run.Parsed.GetValue(placeholder)!, PlaceholderId = run.Parsed.GetValue(id), MaxNewTokens = run.Parsed.GetValue(length) },
                run.Progress, cancellation);
            var (scores, shuffled) = features.Score(run.Split);
            var (any, anyShuffled) = features.ScoreAny(run.Split);
            return (
                [scores, shuffled, any, anyShuffled, features.ScoreUnpatched(run.Split), run.Split.Majority()],
                new { features.Target!.Ids, Tokens = features.Target.Tokens.Select(token => token.Text), Unpatched = features.Unpatched[0] });
        });
        return command;
    }
}
