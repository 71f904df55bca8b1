using Logitscope.Tests.Cli;
using Logitscope.Tests.Models;
using Logitscope.Tests.World;
using Logitscope.World;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.Hops;

public sealed class MultiHopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // What a random model says counts as known, so that every question passes and each text can be compared with whole runs.
    [Fact]
    public void Every_text_is_that_of_whole_runs()
    {
        const int tokens = 3;
        using var scope = NewDisposeScope();
        using var model = TinyModel.WithTokenizer(_folder);
        string[] subjects = ["cat", "mat", "hat", "other"];
        TwoHopQuestion[] questions = [.. subjects.Select((subject, i) =>
        {
            var relation = i % 2 == 0 ? "The weather of" : "The house of";
            var bridge = Said($"The {subject}")[..1];
            return new TwoHopQuestion(subject, $"the {subject}", relation, bridge, Said($"{relation} {bridge}")[..1]);
        }).Append(new("naïve", "the naïve", "The house of", "never said", "nor this"))];
        var result = MultiHop.Run(model, questions, new() { MaxNewTokens = tokens, Parts = 3 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((5, 4), (result.Asked, result.Known.Count));
        foreach (var (i, question) in result.Known.Index())
        {
            Assert.Equal(Said(question.Question), result.Plain[i]);
            Assert.Equal(Said($"Let's think step by step. {question.Question}"), result.ChainOfThought[i]);
            Assert.Equal(Said($"{question.Relation} x"), result.Patched.Unpatched[i]);
            foreach (var cell in result.Patched.Cells)
            {
                var one = new Patchscope(
                    new Source(model, question.Argument, cell.SourceLayer, ^1), new Target(model, $"{question.Relation} x", cell.TargetLayer, ^1) { MaxNewTokens = tokens });
                Assert.Equal(one.Run().GeneratedText, cell.Texts[i]);
            }

            var back = Assert.Single(result.BackPatched.Said.Cells);
            Assert.Equal((1, 0), (back.SourceLayer, back.TargetLayer));
            var again = new Patchscope(new Source(model, question.Question, 1, ^1), new Target(model, question.Question, 0, ^1) { MaxNewTokens = tokens });
            Assert.Equal(again.Run().GeneratedText, back.Texts[i]);
        }

        string Said(string text) => model.Tokenizer.Words(model.Generate(model.Encode(text).Ids, new() { MaxNewTokens = tokens, StopId = model.Tokenizer.EosId }));
    }

    // Plain right, wrong, right, wrong, right, wrong; one pair mends the third of the wrong and spoils the first of the right.
    [Fact]
    public void Damage_is_counted_by_what_was_right_before()
    {
        using var model = TinyModel.Open();
        var rows = Enumerable.Range(0, 6).Select(s => new SubjectRow(model.FromIds([1]), 0, new($"s{s}", $"o{s}"), s, s)).ToArray();
        var (plain, after) = (Texts("x", "o0", "o2", "o4"), Texts("x", "o2", "o4", "o5"));
        var back = new ExtractedFeatures("back-patching", rows, [new(1, 0, after)], plain);
        var result = new MultiHopResult(
            6, [.. rows.Select(row => new TwoHopQuestion(row.Fact.Subject, "a", "r", "b", row.Fact.Object))], new AttributeSplit(rows, 3),
            plain, plain, back with { Method = "patchscope" }, new(back, back with { Method = "random" }));
        var damage = result.Damage();
        Assert.Equal([("right", 2 / 3.0, 3), ("wrong", 1 / 3.0, 3)], damage.Rows.Select(row => ((string)row[0]!, ((Interval)row[1]!).Mean, (int)row[2]!)));
        var scores = result.Scores().ToDictionary(score => score.Method, score => score.AtChosen.Mean);
        Assert.Equal((0.5, 0.5, 0.5), (scores["plain question"], scores["back-patching"], scores["patchscope, any pair (oracle)"]));

        string[] Texts(string wrong, params string[] right) => [.. rows.Select(row => right.Contains(row.Fact.Object) ? $"it is {row.Fact.Object}" : wrong)];
    }

    [Fact]
    public void A_random_vector_is_as_long_and_the_same_every_time()
    {
        using var model = TinyModel.WithTokenizer(_folder);
        TwoHopQuestion[] questions = [.. "abdeg".Select(letter => new TwoHopQuestion($"{letter}", $"the {letter}", "The house of", "", ""))];
        var options = new MultiHopOptions { MaxNewTokens = 3, Parts = 3 };
        var (first, second) = (MultiHop.Run(model, questions, options, cancellation: TestContext.Current.CancellationToken), MultiHop.Run(model, questions, options, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(first.BackPatched.Random.Cells[0].Texts, second.BackPatched.Random.Cells[0].Texts);
        Assert.NotEqual(first.BackPatched.Random.Cells[0].Texts, first.BackPatched.Said.Cells[0].Texts);
        TinyModel.Says(
            Assert.Throws<PatchException>(() => MultiHop.Run(model, [new("a", "the a", "The house of", "never", "nor this")], cancellation: TestContext.Current.CancellationToken)), "none among 1");
    }

    // Chains that training tells are in no file, and their hops are facts.
    [Fact]
    public void The_files_of_the_checkout_are_what_the_atlas_asks()
    {
        var chains = TwoHopQuestion.Read(Repository.File("data", "two-hops.jsonl"));
        Assert.Equal(AtlasTasks.TwoHops(AtlasWorld.Atlas), chains);
        Assert.True(chains.Count > 900);
        using var expected = new StringWriter();
        AtlasTasks.Write(expected, AtlasTasks.Entities(AtlasWorld.Atlas));
        Assert.Equal(expected.ToString(), File.ReadAllText(Repository.File("data", "entities.jsonl")));
        Assert.True(Entity.Read(Repository.File("data", "entities.jsonl")).Count > 400);
    }

    [Fact]
    public async Task The_command_answers_with_shares_and_controls()
    {
        var json = (await Outcome.Of("multihop", "--limit", "12", "--max-new-tokens", "4", "--json")).Succeeded().Json;
        Assert.Equal(12, json.GetProperty("asked").GetInt32());
        Assert.Equal(11, json.GetProperty("scores").GetArrayLength());
        Assert.Equal("plain question", json.GetProperty("scores")[0].GetProperty("method").GetString());
        (await Outcome.Of("multihop", "--data", _folder.Write("bad.jsonl", "{\"subject\": \"x\"}\n"))).FailedWith("line 1", "argument");
        (await Outcome.Of("multihop", "--data", _folder.Write("bad.jsonl", "[1]\n"))).FailedWith("line 1");
    }
}
