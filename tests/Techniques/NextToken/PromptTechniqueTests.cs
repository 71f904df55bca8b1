using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;

namespace Logitscope.Tests.Techniques.NextToken;

public sealed class PromptTechniqueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LanguageModel _model;

    public PromptTechniqueTests() => _model = WithTokenizer(_folder);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_published_prompts_are_theirs_to_the_letter()
    {
        Assert.Equal("cat->cat; 135->135; hello->hello; ?", TokenIdentity.Semicolons.Target.Text);
        Assert.Equal("bat is bat; 135 is 135; hello is hello; black is black; shoe is shoe; x is", TokenIdentity.Words.Target.Text);
        Assert.Equal("hello->there;?->", TokenIdentity.Arrow.Target.Text);
        Assert.Equal(NextTokenTechnique.All.Count, NextTokenTechnique.All.DistinctBy(technique => technique.Name).Count());
    }

    // The finding: the prompt's only own token is overwritten, and nothing sees what it was below the patch.
    [Theory]
    [InlineData(Bos.Always)]
    [InlineData(Bos.Never)]
    public void Any_one_token_prompt_gives_the_numbers_of_the_question_mark_and_the_sweep_warns_of_it(Bos bos)
    {
        var others = new[] { "x", "!", " " }.Select(text => NextTokenTechnique.InPrompt($"'{text}'", text)).ToArray();
        Assert.All(others, other => Assert.Single(_model.Encode(((PromptTechnique)other).Target.Text, Bos.Never).Ids));
        var sweep = Run(bos, [NextTokenTechnique.Logitscope, .. others, NextTokenTechnique.InPrompt("two", "x?")]);
        var rows = sweep.Rows.ToLookup(row => row.Method, row => row with { Method = "" });
        Assert.All(others, other => Assert.Equal(rows["logitscope"], rows[other.Name]));
        Assert.NotEqual(rows["logitscope"], rows["two"]);
        var warning = Assert.Single(sweep.Summary.Warnings, warning => warning.Contains("agree", StringComparison.Ordinal));
        Assert.Contains("logitscope, 'x', '!', ' '", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("two", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void What_stands_before_it_counts()
    {
        var rows = Run(Bos.Always, [NextTokenTechnique.Logitscope, LogitscopeTechnique.WithoutBos, LogitscopeTechnique.Padded]).Rows.ToLookup(row => row.Method, row => row.Kl);
        Assert.Equal(3, rows.Count);
        Assert.Equal(3, rows.Select(method => string.Join(' ', method)).Distinct().Count());
    }

    [Fact]
    public void Padding_stands_between_the_BOS_and_the_text()
    {
        var eos = _model.Tokenizer.EosId!.Value;
        var question = Assert.Single(_model.Encode("?", Bos.Never).Ids);
        Assert.Equal([_model.Tokenizer.BosId!.Value, eos, eos, eos, eos, question], LogitscopeTechnique.Padded.Target.For(_model).Ids);
        Assert.Equal([eos, eos, question], (new TargetPrompt("?") { Padding = 2, Bos = Bos.Never }).For(_model).Ids);
    }

    [Fact]
    public void The_placeholder_is_the_last_token_with_its_letters_and_what_follows_is_read()
    {
        var arrow = Assert.IsType<Reading.InPrompt>(TokenIdentity.Arrow.ReadingOf(_model, 1));
        var place = arrow.Target.ResolvePosition(arrow.Position);
        Assert.Contains("?", arrow.Target.Tokens[place].Text, StringComparison.Ordinal);
        Assert.Equal("hello->there;?->", _model.Tokenizer.Decode(arrow.Target.Ids.Skip(1)));
        Says(
            Assert.Throws<LogitscopeException>(() => NextTokenTechnique.InPrompt("none", new("abc") { Placeholder = "?" }).ReadingOf(_model, 0)),
            "a token with '?'");
    }

    // A method of one's own is one Patchscope a cell.
    [Fact]
    public void A_method_without_a_class_has_its_prompt_its_layers_and_its_mapping()
    {
        var twice = Mapping.Of("twice", residual => residual * 2, ("factor", 2));
        var own = NextTokenTechnique.InPrompt("own", new("x is") { Placeholder = "x" }, _ => 1, twice);
        var prompt = _model.Encode("the cat");
        var target = _model.Encode("x is");
        var x = target.Tokens.Last(token => token.Text.Contains('x')).Position;
        var read = _model.Read(prompt, own, TestContext.Current.CancellationToken);
        Assert.Equal("own", read.Method);
        foreach (var cell in read.Cells)
        {
            var next = new Patchscope(new(_model, prompt, cell.Layer, cell.Position), new(_model, target, 1, x)) { Mapping = twice }.Run().Next;
            Assert.Equal(next.Entropy, cell.Entropy, 1e-5);
        }
    }

    // Padded to position 1, the prompt is [BOS, ?] itself; at position 0 the token is alone.
    [Fact]
    public void In_place_the_residual_keeps_its_position()
    {
        var (bos, eos, question) = (_model.Tokenizer.BosId!.Value, _model.Tokenizer.EosId!.Value, Assert.Single(_model.Encode("?", Bos.Never).Ids));
        var reading = Assert.IsType<Reading.InPlace>(new InPlacePrompt().WithBos(Bos.Always).ReadingOf(_model, 1));
        Assert.Equal([question], reading.At(_model, 0).Ids);
        Assert.Equal([bos, question], reading.At(_model, 1).Ids);
        Assert.Equal([bos, eos, eos, question], reading.At(_model, 3).Ids);

        var prompt = _model.Encode("the cat");
        var (inPlace, logitscope) = (Read(new InPlacePrompt()), Read(NextTokenTechnique.Logitscope));
        var same = inPlace.Cells.Zip(logitscope.Cells).ToLookup(cells => cells.First.Position == 1, cells => Math.Abs(cells.First.Entropy - cells.Second.Entropy));
        Assert.All(same[true], difference => Assert.True(difference < 1e-5));
        Assert.Contains(same[false], difference => difference > 1e-5);

        LensResult Read(NextTokenTechnique technique) => _model.Read(prompt, technique, TestContext.Current.CancellationToken);
    }

    private SweepResult Run(Bos bos, IReadOnlyList<NextTokenTechnique> techniques)
    {
        Example[] examples = [.. new[] { "the cat sat", "a b c d", "hello" }.Select((text, i) => new Example($"{i}", text, null))];
        return Sweep.Run(_model, examples, new() { Techniques = techniques, Bos = bos }, cancellation: TestContext.Current.CancellationToken);
    }
}
