using Logitscope.Tests.Fitting;
using Logitscope.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>The table of families in docs/models.md and README.md, written from what each family does here.</summary>
public class FamilyTableTests
{
    private const string Begin = "<!-- families -->", End = "<!-- /families -->";

    // With this set, the table is put in place instead of being compared.
    private const string Write = "LOGITSCOPE_WRITE_TABLES";

    private static readonly (string Type, string Models, string Tokenizer)[] s_families =
    [
        ("gptj", "GPT-J", "`tokenizer.json`, `vocab.json`"),
        ("gpt2", "GPT-2", "`tokenizer.json`, `vocab.json`"),
        ("gpt_neox", "GPT-NeoX, Pythia", "`tokenizer.json`"),
        ("llama", "LLaMA 1 to 3.3, Vicuna", "`tokenizer.json`, `tokenizer.model`"),
        ("mistral", "Mistral 7B", "`tokenizer.json`, `tokenizer.model`"),
        ("qwen2", "Qwen2, Qwen2.5", "`tokenizer.json`"),
        ("qwen3", "Qwen3", "`tokenizer.json`"),
        ("gemma2", "Gemma 2", "`tokenizer.json`, `tokenizer.model`"),
        ("gemma3_text", "Gemma 3 270M, 1B", "`tokenizer.json`, `tokenizer.model`"),
    ];

    // Each is held to its definition elsewhere; here, whether a family takes it at all.
    private static readonly (string Name, Action<LanguageModel, Prompt> Run)[] s_techniques =
    [
        ("sweep", (model, prompt) => Sweep.Run(
            model,
            [new Example("one", null, prompt.Ids)],
            new() { Techniques = [NextTokenTechnique.LogitLens, new TokenIdentity { Target = new("") { Ids = [1, 2, 3] } }, new LogitscopeTechnique { Target = new("") { Ids = [1, 2] } }] })),
        ("fitted lenses", (model, _) => AffineLens.Fit(SmallFit.Data(model, 40), new() { Ridge = 0.1 }).Dispose()),
        ("Jacobian lens", (model, _) => JacobianLens.Fit(SmallFit.Data(model, 4), new() { Skip = 3 }).Dispose()),
        ("entropy by layer", (model, prompt) => model.EntropyOfLayers(SmallFit.Examples(model, 3), NextTokenTechnique.LogitLens)),
        ("direct logit attribution", (model, prompt) => model.AttributeLogit(prompt, 3)),
        ("causal tracing", (model, prompt) => model.Trace(prompt, 1..2)),
        ("attention knockout", (model, prompt) => model.Knockout(prompt, ^1, [1])),
        ("attribution patching", (model, prompt) => model.AttributePatching(prompt, model.FromIds([.. prompt.Ids.Reverse()]), 3, 4)),
        ("stages of recall", (model, prompt) => model.Stages(prompt, 3)),
        ("relational embedding", (model, prompt) => RelationalEmbedding.Fit(model, [new(prompt, 1, new("s", "o"), 0, 0)])),
        ("across models", (model, _) => CrossModel.Fit(SmallFit.Data(model, 40), model, ridge: 0.1).Dispose()),
    ];

    [Fact]
    public void The_tables_of_families_are_what_the_families_do()
    {
        var table = Table();
        foreach (var path in new[] { Repository.File("docs", "models.md"), Repository.File("README.md") })
        {
            var text = File.ReadAllText(path);
            var (start, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
            Assert.True(start >= Begin.Length && end > start, $"{path} has no place for the table");
            var written = $"{text[..start]}\n{table}{text[end..]}";
            if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            {
                File.WriteAllText(path, written);
            }

            Assert.Equal(File.ReadAllText(path), written);
        }
    }

    private static string Table()
    {
        Assert.Equal(GoldenModel.Names.Select(name => name.Split('/')[0]).Distinct().Order(), s_families.Select(family => family.Type).Order());
        var rows = s_families.Select(family =>
        {
            var fixtures = GoldenModel.Names.Where(name => name.StartsWith($"{family.Type}/", StringComparison.Ordinal)).ToArray();
            var refused = fixtures.SelectMany(Refused).Distinct().ToArray();
            return $"| `{family.Type}` | {family.Models} | {fixtures.Length}: {string.Join(", ", fixtures.Select(name => name.Split('/')[1]))} | {family.Tokenizer} "
                + $"| {(refused.Length == 0 ? "all" : $"all but {string.Join(", ", refused)}")} |\n";
        });
        return "| `model_type` | models | configurations that give the independent implementation's and HuggingFace's numbers | tokenizer | techniques |\n"
            + $"|---|---|---|---|---|\n{string.Concat(rows)}";
    }

    // A fixture whose logits agree with both oracles, and what refuses it by name. With one layer there is no lens to fit.
    private static IEnumerable<string> Refused(string name)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenModel.Open(name, "float32");
        using var model = golden.Model;
        golden.Agrees(model.Forward(golden.Expected.Read("ids").unsqueeze(0)).Logits.squeeze(0), golden.Expected.Read("float32.logits"), "logits");
        Assert.True(File.Exists(Path.Combine(GoldenModel.FolderOf(name), "huggingface.safetensors")), $"{name} has no numbers of HuggingFace's");
        var prompt = model.FromIds([1, 9, 17, 25, 33, 5]);
        return
        [
            .. s_techniques.Where(_ => model.Layers > 1).Where(technique => Record.Exception(() => technique.Run(model, prompt)) switch
            {
                null => false,
                LogitscopeException => true,
                var error => throw new InvalidOperationException($"{technique.Name} on {name}", error),
            }).Select(technique => technique.Name),
        ];
    }
}
