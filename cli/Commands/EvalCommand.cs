using System.CommandLine;
using Logitscope.World;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope eval</c>: measures a model on what its training held out.</summary>
internal static class EvalCommand
{
    private const string LossPicture = "loss.svg";
    private const ulong PromptSeed = 2026;
    private const int PassagesOfSource = 40;
    private const int PositionsOfPrompt = 8;

    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var corpora = new Option<string?>("--corpora")
        {
            Description = "The natural text of the model's recipe: measures that too, beside n-gram models of the same.",
            HelpName = "DIR",
        };
        var data = new Option<string[]>("--data")
        {
            Description = "More texts, a .jsonl or .txt: foretold where there are corpora, and swept.",
            HelpName = "F.jsonl",
        };
        var limit = new Option<int>("--limit")
        {
            Description = "Prompts a sweep, and texts a file.",
            DefaultValueFactory = _ => 300,
            HelpName = "N",
        };
        limit.Between(2, most: null); // for an interval
        var questions = new Option<int>("--questions")
        {
            Description = "Questions of a kind.",
            DefaultValueFactory = _ => 600,
            HelpName = "N",
        };
        questions.AtLeastOne();
        var card = new Option<string?>("--card")
        {
            Description = $"A card that has the lines '{ModelCard.Begin}': gets the tables, and {LossPicture} beside it.",
            HelpName = "F.md",
        };
        var atlas = new Command("atlas", "Measures a model that was trained on the atlas.")
        {
            DataCommand.AtlasFolder, corpora, data, questions, limit, card, answer.Json,
        };
        model.AddTo(atlas);
        atlas.SetAction((parsed, cancellation) =>
        {
            using var loaded = model.Load(parsed);
            var world = Atlas.Load(parsed.GetRequiredValue(DataCommand.AtlasFolder));
            var paths = parsed.GetValue(data) ?? [];
            if (paths.GroupBy(path => Path.GetFileNameWithoutExtension(path)).FirstOrDefault(name => name.Count() > 1) is { } twice)
            {
                throw new LogitscopeException($"--data: expected files of different names, got '{string.Join("' and '", twice)}'");
            }

            var texts = paths.ToDictionary(
                path => Path.GetFileNameWithoutExtension(path),
                path => ExampleFile.Read(path, parsed.GetValue(limit)).ToArray());
            var predictor = new ModelPredictor(loaded);
            var evaluation = new AtlasEvaluation(
                loaded.Fingerprint,
                AtlasExam.Scores(AtlasExam.Take(
                    predictor, loaded.Tokenizer, new AtlasQuestions(world).Some(parsed.GetValue(questions)))),
                parsed.GetValue(corpora) is { } folder ? TextScores(loaded, predictor, world, folder, texts) : [],
                [
                    .. texts.Prepend(new("held-out texts of the atlas", Prompts(world, parsed.GetValue(limit))))
                        .Select(text => new MethodCurves(
                            text.Key, Sweep.Run(loaded, text.Value, new() { PerPrompt = PositionsOfPrompt }, cancellation: cancellation).Summary)),
                ]);
            if (parsed.GetValue(card) is { } path)
            {
                ModelCard.Write(path, evaluation);
                LossChart.Draw(FolderOf(loaded)).Save(Path.Combine(Path.GetDirectoryName(path)!, LossPicture));
            }

            answer.Write(parsed, evaluation.ForPrograms(), _ => Show(parsed.InvocationConfiguration.Output, evaluation));
            return Task.FromResult(0);
        });
        return new Command("eval", "Measures a model on what its training held out.") { atlas };
    }

    private static void Show(TextWriter output, AtlasEvaluation evaluation)
    {
        foreach (var (heading, prose, table) in evaluation.Tables())
        {
            output.Write($"{heading}\n{prose}\n\n{table.ToText()}\n\n");
        }
    }

    private static Example[] Prompts(Atlas atlas, int count) =>
    [
        .. AtlasPrompts.Draw(atlas, PromptSeed, count)
            .Select((prompt, i) => new Example($"prompt-{i}", prompt.Text, null)),
    ];

    private static IReadOnlyList<TextScore> TextScores(
        LanguageModel model, ModelPredictor predictor, Atlas atlas, string corpora, Dictionary<string, Example[]> texts)
    {
        var recipe = TrainingRecipe.Read(Path.Combine(FolderOf(model), TrainingRecipe.File));
        var natural = recipe.Natural
            ?? throw new TrainingException($"--corpora: the recipe of {FolderOf(model)} has no natural text");
        var rows = NGramModel.RowsOf(recipe, atlas, corpora, model.Tokenizer);
        var (unigram, trigram) = (new NGramModel(1, rows, model.VocabularySize), new NGramModel(3, rows, model.VocabularySize));
        var heldOut = NaturalText.HeldOut(corpora, natural)
            .GroupBy(passage => passage.Source).SelectMany(source => source.Take(PassagesOfSource))
            .ToLookup(passage => natural.Sources.Any(source => source.Origin.Contains(passage.Source)));
        return
        [
            .. Score("held out, of the collections trained on", [.. heldOut[true].Select(ToExample)], isMixture: true),
            .. Score("of other collections", [.. heldOut[false].Select(ToExample)], isMixture: true),
            .. texts.SelectMany(text => Score(text.Key, text.Value, isMixture: false)),
        ];

        IEnumerable<TextScore> Score(string name, Example[] examples, bool isMixture)
        {
            var ids = examples.Select(example => example.ToPrompt(model.Tokenizer, Bos.Always, model.ContextLength).Ids).ToArray();
            var groups = ShingleSet.GroupsOf([.. examples.Select(example => example.Text ?? "")]);
            var sources = examples.Select(example => example.Id).Distinct().ToList();
            int[]? strata = isMixture ? [.. examples.Select(example => sources.IndexOf(example.Id))] : null;
            var differences = 2 * (2 + texts.Count); // in nats and in top-1, of each text
            var baseline = TextExam.Take(name, "trigram", trigram, ids, groups, strata);
            yield return TextExam.Take(name, "unigram", unigram, ids, groups, strata);
            yield return baseline;
            yield return TextExam.Take(name, "this model", predictor, ids, groups, strata, baseline, 0.05 / differences);
        }
    }

    private static Example ToExample(HeldOutPassage passage) => new(passage.Source, passage.Text, null);

    private static string FolderOf(LanguageModel model) =>
        model.Folder ?? throw new TrainingException("the model: expected one that came from a folder");
}
