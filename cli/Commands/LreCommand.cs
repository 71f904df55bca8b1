using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope lre</c>: linear relational embeddings.</summary>
internal static class LreCommand
{
    public static Command Create()
    {
        var defaults = new RelationalOptions();
        var examples = new Option<int>("--examples")
        {
            Description = "How many facts an embedding is fitted on.",
            DefaultValueFactory = _ => defaults.Examples,
            HelpName = "N",
        };
        examples.AtLeastOne();
        var betas = new Option<double[]>("--beta")
        {
            Description = $"Slopes to choose from. Default: {string.Join(" ", defaults.Betas.Select(beta => $"{beta}"))}.",
            HelpName = "B",
        };
        var command = new Command("lre", "Linear relational embeddings: an attribute as a linear map of the subject's residual, and as its cause.")
        {
            examples, betas,
        };
        new RelationArguments().AddTo(command, (run, cancellation) =>
        {
            var options = defaults with
            {
                Examples = run.Parsed.GetValue(examples),
                Betas = run.Parsed.GetValue(betas) is { Length: > 0 } given ? given : defaults.Betas,
            };
            using var scope = TorchSharp.torch.NewDisposeScope();
            var fitted = RelationalEmbedding.FitParts(run.Model, run.Relation, run.Split, options, run.Progress, cancellation);
            var (scores, shuffled) = RelationalEmbedding.Faithfulness(run.Model, run.Split, fitted, options, cancellation);
            var asking = new AttributeSplit(run.Relation.Rows(run.Model, run.Relation.Template), run.Split.Parts, run.Split.Seed);
            var (causal, random, swapped) = RelationalEmbedding.Causality(run.Model, asking, fitted, options, run.Progress, cancellation);
            return ([scores, shuffled, run.Split.Majority(), causal, random, swapped], null);
        });
        return command;
    }
}
