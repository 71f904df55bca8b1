using System.Globalization;
using System.Text.RegularExpressions;

namespace Logitscope.Tests;

/// <summary>
/// Sentences that compare, held to the data that they are about: each is found in its document, and its numbers are read
/// from there.
/// </summary>
public partial class StatementsTests
{
    private static readonly string s_readme = Flat(Repository.File("README.md"));
    private static readonly string s_card = Flat(Repository.File("data", "tiny-gptj", "README.md"));

    // Every row of the card's tables by its first two cells: the numbers in the others.
    private static readonly ILookup<string, string[]> s_rows = File
        .ReadLines(Repository.File("data", "tiny-gptj", "README.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Trim('|', ' ').Split(" | ")).ToLookup(cells => cells[0]);

    [Fact]
    public void The_bands_of_the_readme_are_over_the_prompts_that_there_are()
    {
        var said = Said(s_readme, @"Bands are pointwise 95 % intervals over (\d+) held-out prompts, eight positions of each");
        Assert.Equal(File.ReadLines(Repository.File("data", "prompts.jsonl")).Count(), said[0]);
        Assert.Contains("--per-prompt 8", s_readme, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lens_of_the_readme_does_not_see_Paris_where_it_says_so()
    {
        var layers = Said(s_readme, @"The logit lens does not see it at layer (\d), nor at (\d) or (\d); the model itself says "" Paris""");
        using var model = LanguageModel.Load();
        var last = model.LogitLens("The capital of France is").Cells.GroupBy(cell => cell.Position).MaxBy(cells => cells.Key)!
            .ToDictionary(cell => cell.Layer, cell => model.Tokenizer.Decode([cell.Top[0].Id]));
        Assert.All(layers, layer => Assert.NotEqual(" Paris", last[(int)layer]));
        Assert.Equal(" Paris", last[model.Layers - 1]);
    }

    [Fact]
    public void What_the_card_says_of_wordings_is_in_its_tables()
    {
        var known = Row("one hop, in a wording never used for the fact")[1];
        Assert.Equal(Said(s_card, @"in the one held out for that fact too \((\d+) %\)")[0], Math.Round(Numbers(known)[0]));
        Said(s_card, "in most wordings of another making hardly ever, and in a few nearly always");
        var bimodal = Numbers(Row("one hop, in a wording never used at all")[1]);
        Assert.True(bimodal is [> 50, < 50 and > 0], string.Join(' ', bimodal)); // of the wordings, right hardly ever, nearly always
        Said(s_card, "as a question, about five times in six");
        Within(100 * 5 / 6.0, Row("question and answer, in a wording never used at all")[1]);
    }

    [Fact]
    public void What_the_card_says_of_lists_and_hops_is_in_its_tables()
    {
        Assert.Equal(
            Said(s_card, @"in other lists go on right \((\d+) %\)")[0], Math.Round(Numbers(Row("identity list, of items from other lists")[1])[0]));
        Said(s_card, "of items that never were in a list, about half do");
        Within(50, Row("identity list, of items never in a list")[1]);
        Said(s_card, "it gets fewer right than single hops, and fewer than pairs told");
        var (never, told, single) = (
            Numbers(Row("two hops, the pair never told")[1]), Numbers(Row("two hops, the pair told")[1]),
            Numbers(Row("the single hops of the pairs never told")[1]));
        Assert.True(never[2] < told[1] && never[2] < single[1]); // intervals that do not even meet
    }

    [Fact]
    public void What_the_card_says_of_natural_text_is_in_its_tables()
    {
        Said(s_card, "On the natural text of its own collections it is half a nat a token better than the trigram model, and a little better in top-1");
        var own = s_rows["held out, of the collections trained on"].Single(cells => cells[1] == "this model");
        Within(-0.5, own[4]);
        Assert.True(Numbers(own[5]) is [> 0 and < 5, > 0, _], own[5]);
        Said(s_card, "of other collections it foretells about one token in seven");
        Within(100 / 7.0, s_rows["of other collections"].Single(cells => cells[1] == "this model")[3]);
    }

    // A sentence of the section that has a figure, and that none of the tests above reads, is one that nothing holds.
    [Fact]
    public void No_figure_of_the_cards_prose_is_without_a_test()
    {
        var section = s_card[s_card.IndexOf("## What it cannot do", StringComparison.Ordinal)..];
        Assert.Equal(["97", "96", "1"], Figure().Matches(section).Select(match => match.Value)); // the last is of "top-1"
    }

    private static double[] Said(string document, string sentence)
    {
        var match = Assert.Single(Regex.Matches(document, sentence));
        return [.. match.Groups.Values.Skip(1).Select(group => double.Parse(group.Value, CultureInfo.InvariantCulture))];
    }

    private static string[] Row(string asked) => Assert.Single(s_rows[asked]);

    private static double[] Numbers(string cell) =>
        [.. Figure().Matches(cell).Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture))];

    private static void Within(double said, string cell)
    {
        var numbers = Numbers(cell);
        Assert.True(numbers.Length == 3 && numbers[1] <= said && said <= numbers[2], $"{said} is not within {cell}");
    }

    private static string Flat(string path) => Spaces().Replace(File.ReadAllText(path), " ");

    [GeneratedRegex(@"(?<![\w.])-?\d+(\.\d+)?|(?<=-)\d")]
    private static partial Regex Figure();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
