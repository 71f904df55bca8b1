using Logitscope.Tests.Models;
using static TorchSharp.torch;

namespace Logitscope.Tests.Workbook;

// What a user of other tools writes first; notebooks/12_recipes.ipynb has the whole tasks.
public sealed class FirstTriesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private readonly LanguageModel _model;

    public FirstTriesTests() => _model = TinyModel.WithTokenizer(_folder);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_text_is_continued_as_a_text()
    {
        var options = new GenerationOptions { MaxNewTokens = 5 };
        var prompt = _model.Encode("hello");
        var ids = _model.Generate(prompt.Ids, options with { StopId = _model.Tokenizer.EosId });

        Assert.Equal(_model.Tokenizer.Decode(ids.Where(id => id != _model.Tokenizer.EosId)), _model.Generate("hello", options));
        Assert.Equal("", _model.Generate("hello", options with { MaxNewTokens = 0 }));
    }

    [Fact]
    public void Minus_one_is_the_last_position_wherever_one_is_asked_for()
    {
        var prompt = _model.Encode("hello");
        Patchscope Of(Source source, Target target) => new(source, target);

        var one = Of(new(_model, prompt, 1, ^1), new(_model, "?", 1, ^1)).Run();
        var other = Of(new(_model, prompt, 1, -1), new(_model, "?", 1, -1)).Run();
        Assert.Equal(one.Next.LogProbabilities, other.Next.LogProbabilities);
        Assert.Equal(one.SourcePosition, Of(new(_model, "hello", 1, -1), new(_model, _model.Encode("?"), 1, -1)).Run().SourcePosition);
        using var scope = NewDisposeScope();
        var cancellation = TestContext.Current.CancellationToken;
        Assert.True(SourceRun.Read(_model, [prompt], position: -1, cancellation).Stack()
            .Equals(SourceRun.Read(_model, [prompt], position: ^1, cancellation).Stack()));
        Assert.Equal($"{_model.LogitLens(prompt).At(^2)}", $"{_model.LogitLens(prompt).At(-2)}");
        Assert.Throws<PositionException>(() => _model.LogitLens(prompt).At(-99));
        Assert.Throws<PositionException>(() => Of(new(_model, prompt, 1, int.MinValue), new(_model, "?", 1, 0)).Run());
    }

    [Fact]
    public void A_lens_at_one_position_is_its_cells()
    {
        var lens = _model.LogitLens("hello");
        var table = lens.At(^1, top: 3);
        Assert.Equal(["layer", "top 1", "top 2", "top 3", "entropy (nats)"], table.Columns);
        Assert.Equal(_model.Layers, table.Rows.Count);
        var last = lens.Cells[^1];
        Assert.Equal(
            [last.Layer, .. last.Top.Take(3).Select(top => $"{top.Token} {Numbers.Short(top.Probability)}"), last.Entropy], table.Rows[0]);
        Assert.Equal("candidates of a lens: expected 1 to 5, got 6", Assert.Throws<LogitscopeException>(() => lens.At(0, 6)).Message);
    }

    [Fact]
    public void A_lens_without_a_class_maps_before_the_final_norm()
    {
        var identity = NextTokenTechnique.Direct("mine", _ => Mapping.Identity);
        Assert.Equal(
            _model.LogitLens("hello").Cells.Select(cell => cell.Entropy), _model.Read("hello", identity).Cells.Select(cell => cell.Entropy));

        using var shift = rand(_model.Layers, _model.HiddenSize);
        var shifted = NextTokenTechnique.Direct("shifted", layer => Mapping.Of("shift", h => h + shift[layer], ("shift", shift[layer])));
        var cell = _model.Read("hello", shifted).Cells.First(cell => cell.Layer == 1);
        using var scope = NewDisposeScope();
        var residual = _model.Forward(_model.Encode("hello"), new() { Keep = [new(1, Site.ResidPost)] })[new(1, Site.ResidPost)][0, cell.Position];
        Assert.Equal(
            new NextTokenDistribution(_model.Unembed(residual + shift[1]), _model.Tokenizer).Entropy, cell.Entropy, 1e-5);
    }

    [Fact]
    public void What_a_cell_shows_of_a_model_or_a_run_is_short()
    {
        using var scope = NewDisposeScope();
        var prompt = _model.Encode("hello");
        var run = _model.Forward(prompt, new() { Keep = [new(1, Site.Pattern)] });
        IDisplay[] shown = [_model, prompt, run, new NextTokenDistribution(run.Logits[0, -1], _model.Tokenizer)];
        Assert.All(shown, display => Assert.InRange(display.ToHtml().Length, 100, 10_000));
        Assert.Contains($"{_model.ParameterCount:N0}", _model.ToText(), StringComparison.Ordinal);
        Assert.Contains("pattern.1", run.ToText(), StringComparison.Ordinal);
        Assert.Equal(prompt.Count + 1, prompt.ToText().Split('\n').Length);
        Assert.Equal(12, shown[^1].ToText().Split('\n').Length); // a title, a head, ten tokens
    }

    [Fact]
    public void A_file_may_go_into_a_folder_that_is_not_there_yet()
    {
        var file = _folder.PathOf("new", "deep", "table.csv");
        _model.ToTable().Save(file);
        Assert.StartsWith("model,", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pass_that_keeps_more_than_the_memory_holds_is_refused()
    {
        using var ids = zeros([1 << 26, 1], int64);
        var error = Assert.Throws<ModelException>(() => _model.Forward(ids, new() { Keep = _model.Hooks(), Logits = LogitsOf.NoPosition }));
        Assert.EndsWith("run fewer rows together, or keep less", error.Message, StringComparison.Ordinal);
    }
}
