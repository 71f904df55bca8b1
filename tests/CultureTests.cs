using System.Text;
using Logitscope.Tests.Charts;
using Logitscope.Tests.Cli;
using Logitscope.Tests.Golden;
using Logitscope.Tests.Models;
using Logitscope.Tests.Sweeps;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests;

/// <summary>
/// Whatever the library writes has the same bytes under every culture: a notebook's kernel has the culture of its machine.
/// </summary>
public sealed class CultureTests : IDisposable
{
    private static readonly string s_numbers = GoldenModel.FolderOf("gptj/partial-rotary");
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = TinyModel.Open();

    private static Table Numbers { get; } = new(
        ["int", "long", "float", "double", "small", "text", "infinite"],
        [
            [-1, -1234567L, -0.5f, 1234.5678, -0.00012, "1.5", double.NegativeInfinity],
            [1, 1L, 0.25f, -0.1, 1e-9, "a,b", double.NaN],
        ])
    { Title = "numbers" };

    public static TheoryData<string> Surfaces() => [.. s_surfaces.Keys];

    private static readonly Dictionary<string, Func<CultureTests, string>> s_surfaces = new()
    {
        ["curves"] = _ => Everything(Samples.Precision(), Samples.Surprisal()),
        ["a heat map of tokens"] = _ => Everything(Samples.Lens(5, Samples.Sentence), Samples.Lens(40, Samples.Sentence)),
        ["a heat map of patches"] = _ => Everything(Samples.Patch(7)),
        ["a heat map with a scale"] = _ => Everything(Samples.Lens(3, Samples.Sentence, ColorScale.Change("change", 2.5))),
        ["a page"] = _ => new ResultsPage
        {
            Title = "Page",
            Sections = [new() { Heading = "Curves", Contents = [Samples.Precision(), Samples.Patch(3)] }, new() { Contents = [Numbers] }],
            Provenance = [("a", $"{-1.5}")],
        }.ToHtml(plotly: null),
        ["a table"] = _ => Numbers.ToHtml() + Numbers.ToText() + Numbers.ToCsv() + Numbers,
        ["a lens"] = test => Of(test._model.LogitLens(test._model.FromIds([1, 2, 3]))),
        ["a patch"] = test => Of(test.Patch(new Add(-0.5)).Run()),
        ["a grid"] = test => Of(PatchGrid.Run(test.Patch(new Add(-0.5)))),
        ["a sweep in memory"] = test => Of(SmallSweep.Run(test._model, SmallSweep.Options).Summary),
        ["a plan"] = test => SmallSweep.Plan(test._model).Hash() + Of(Provenance.Of(SmallSweep.Plan(test._model)).ToTable()),
        ["progress"] = test => $"{new SweepProgress(1, 3000, 1234, TimeSpan.FromSeconds(2.5), SweepCost.OfBlock(SmallSweep.Plan(test._model), 0), SweepCost.Of(SmallSweep.Plan(test._model)))}",
        ["an estimate"] = _ => $"{new SweepEstimate(12345, SweepCost.Nothing with { Flop = 1.5e12, PeakBytes = 1.5e9 }, 2.5e9, TimeSpan.FromSeconds(75.5))}",
        ["messages"] = test => test.Messages(),
        ["strings of every type"] = _ => $"{-1} {-1L} {0.5f} {-0.5} {1234.5:N2} {-5,8:F1}| {1.5m} {0.25:P1} {double.NaN} {double.PositiveInfinity} {new DateTime(2026, 11, 3)} {new Hook(-1, Site.ResidPost)}",
    };

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Surfaces))]
    public void The_same_bytes(string surface)
    {
        var expected = s_surfaces[surface](this);
        using var hostile = new Culture();
        Assert.Equal(expected, s_surfaces[surface](this));
    }

    [Fact]
    public void Files_are_the_same_and_are_read_again()
    {
        using var folder = new TemporaryFolder();
        var here = Write(folder.PathOf("here"));
        using var hostile = new Culture();
        var there = Write(folder.PathOf("there"));
        Assert.Equal(here.Keys, there.Keys);
        Assert.All(here, file => Assert.True(file.Value.SequenceEqual(there[file.Key]), file.Key));
        Assert.Equal(SweepSummary.Read(folder.PathOf("here")).ToJson(), SweepSummary.Read(folder.PathOf("there")).ToJson());

        Dictionary<string, byte[]> Write(string place)
        {
            Directory.CreateDirectory(place);
            var result = Sweep.Run(SmallSweep.Plan(_model), place);
            result.Summary.WriteReport(place);
            Samples.Precision().Save(Path.Combine(place, "curves.csv"));
            Samples.Patch(3).Save(Path.Combine(place, "patch.svg"));
            Samples.Patch(3).Save(Path.Combine(place, "patch.json"));
            Assert.NotEmpty(Journal.Read(place));
            return Directory.EnumerateFiles(place).Order(StringComparer.Ordinal).ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);
        }
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("inspect", "--json")]
    [InlineData("generate", "--ids", "1,2", "--temperature", "0.7", "--json")]
    [InlineData("generate", "--ids", "1,2", "--temperature", "0,7")]
    [InlineData("generate", "--ids", "1,2", "--temperature", "-0.7")]
    [InlineData("lens", "--ids", "1,2")]
    [InlineData("lens", "--ids", "1,2", "--json")]
    [InlineData("lens", "--ids", "1,2", "--method", "logit-lens-patchscope", "--json")]
    [InlineData("patch", "--source-ids", "1,2", "--source-layer", "1", "--source-position", "-1", "--target-ids", "3,4", "--target-layer", "0", "--target-position", "-2")]
    [InlineData("patch", "--source-ids", "1,2", "--source-layer", "1", "--source-position", "-1", "--target-ids", "3,4", "--target-layer", "0", "--target-position", "-2", "--json")]
    [InlineData("patch", "--source-ids", "1,2", "--source-layer", "-1", "--source-position", "-1", "--target-ids", "3,4", "--target-layer", "0", "--target-position", "-2")]
    public async Task The_command_line_answers_the_same(params string[] arguments)
    {
        arguments = [.. arguments, "--model", s_numbers];
        var expected = await Outcome.Of(arguments);
        using var hostile = new Culture();
        Assert.Equal(expected, await Outcome.Of(arguments));
    }

    private Patchscope Patch(Mapping mapping)
    {
        var prompt = _model.FromIds([1, 2, 3]);
        return new(new(_model, prompt, 1, 1), new(_model, prompt, 0, 1) { MaxNewTokens = 3 }) { Mapping = mapping };
    }

    // One of each folder that says numbers.
    private string Messages()
    {
        using var folder = new TemporaryFolder();
        var rows = folder.Write("rows.jsonl", "{\"ids\": [1, -2]}");
        Action[] wrong =
        [
            () => _model.Generate([1], new() { Temperature = -0.25 }),
            () => _model.CheckLayer(-1),
            () => _model.Forward(_model.Tensor(1), new() { Edits = [new(new(0, Site.ResidPost), -7, zeros(48))] }),
            () => zeros(1, 2, 3).AtPositions([-5]),
            () => _model.FromIds([1]).ResolvePosition(-3),
            () => _model.Forward(zeros([1, 32], int64).expand(1 << 24, 32)),
            () => ExampleFile.Read(rows).ToArray(),
            () => Shard.Parse("-1/3", _ => null),
            () => new Table(["a"], [[1, 2]]),
            () => SmallSweep.Plan(_model, SmallSweep.Options with { BatchSize = -1 }),
            () => SweepEstimate.CheckMemory(SmallSweep.Plan(_model), 1_234),
        ];
        return string.Join('\n', wrong.Select(run => Memory().Replace(Record.Exception(run)!.Message.Replace(folder.Path, ""), "")));
    }

    // What is free changes from one moment to the next; that it has a point does not.
    private static System.Text.RegularExpressions.Regex Memory() => new(@"\d+\.\d(?= GB of memory)");

    private static string Of(IDisplay display) => display.ToHtml() + "\n" + display.ToText();

    private static string Of(SweepSummary summary) => summary.ToJson() + summary.ToPage().ToHtml(plotly: null);

    private static string Everything(params ChartFigure[] figures)
    {
        var text = new StringBuilder();
        foreach (var figure in figures)
        {
            text.Append(figure.ToSvg()).Append(figure.ToHtml()).Append(figure.ToPage(plotly: null)).Append(figure.ToCsv())
                .Append(figure.ToText()).Append(figure.ToPlotlyJson());
        }

        return text.ToString();
    }

    private sealed record Add(double Number) : Mapping
    {
        public override string Name => $"add {Number}";

        public override Tensor Apply(Tensor residual) => residual + Number;
    }
}
