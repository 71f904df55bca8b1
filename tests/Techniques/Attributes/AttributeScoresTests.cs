using Logitscope.Tests.Models;

namespace Logitscope.Tests.Techniques.Attributes;

public class AttributeScoresTests
{
    // Five subjects in three contexts; the answer is the subject's number.
    private static AttributeSplit Split(LanguageModel model, int parts = 5, long seed = 42, int subjects = 5) => new(
        [.. Enumerable.Range(0, 3 * subjects).Select(row => new SubjectRow(model.FromIds([1, 2]), 1, new($"s{row % subjects}", "o"), row % subjects, row % subjects))],
        parts, seed);

    [Fact]
    public void Every_row_is_tested_once_and_no_subject_is_on_two_sides()
    {
        using var model = TinyModel.Open();
        var split = Split(model, parts: 4, subjects: 9);
        Assert.Equal(Enumerable.Range(0, 27), Enumerable.Range(0, 4).SelectMany(split.Tested).Order());
        for (var part = 0; part < 4; part++)
        {
            int[][] sides = [Subjects(split.Tested(part)), Subjects(split.Choosing(part)), Subjects(split.Fitted(part))];
            Assert.Equal(9, sides.Sum(side => side.Length));
            Assert.Equal(9, sides.SelectMany(side => side).Distinct().Count());
        }

        Assert.All(split.Rows.Zip(split.Others), pair => Assert.NotEqual(pair.First.Group, pair.Second.Group));
        Assert.Equal(9, split.Others.Select(row => row.Group).Distinct().Count());
        Assert.NotEqual(split.Tested(0), Split(model, parts: 4, seed: 43, subjects: 9).Tested(0));

        int[] Subjects(IReadOnlyList<int> rows) => [.. rows.Select(row => split.Rows[row].Group).Distinct()];
    }

    // Setting 0 of layer 0 is right on three subjects in five, setting 1 where the first is wrong; layer 1 is right on one subject.
    [Fact]
    public void What_is_chosen_is_chosen_on_other_rows()
    {
        using var model = TinyModel.Open();
        var split = Split(model);
        AttributeSetting[] settings = [new(0, "often"), new(0, "seldom"), new(1)];
        int[] order = [.. Enumerable.Range(0, 5).Select(part => split.Rows[split.Tested(part)[0]].Group)]; // the subject of each part
        Func<int, bool>[] right = [place => place < 3, place => place >= 3, place => place == 0];
        var scores = split.Score("m", settings, _ => [.. right.Select(holds => split.Rows.Select(row => holds(Array.IndexOf(order, row.Group))).ToArray())]);

        // The part after the tested one chooses: 0 1 1 -> often, of which part 0, 1 and 4 (by part 0) are tested; 3 and 4 choose seldom for 2 and 3.
        Assert.Equal(["often", "often", "seldom", "seldom", "often"], scores.Chosen.Select(setting => setting.Detail));
        Assert.Equal(3 / 5.0, scores.AtChosen.Mean, 1e-12); // parts 0, 1 and 3
        Assert.Equal([3 / 5.0, 1 / 5.0], scores.Layers.Select(layer => layer.Value.Mean));
        Assert.Equal((15, 5), (scores.Count, scores.Subjects));
        Assert.True(scores.AtChosen.Low < scores.AtChosen.Mean && scores.AtChosen.High > scores.AtChosen.Mean);
    }

    [Fact]
    public void The_majority_is_of_rows_that_may_be_fitted_on()
    {
        using var model = TinyModel.Open();
        var rows = Enumerable.Range(0, 10).Select(s => new SubjectRow(model.FromIds([1, 2]), 1, new($"s{s}", "o"), s, s < 6 ? 60 : s)).ToArray();
        var majority = new AttributeSplit(rows).Majority();
        Assert.Equal(0.6, majority.AtChosen.Mean, 1e-12);
        Assert.Empty(majority.Layers);
        TinyModel.Says(Assert.Throws<DatasetException>(() => new AttributeSplit(rows, parts: 2)), "3 parts or more", "got 2 parts");
        TinyModel.Says(Assert.Throws<DatasetException>(() => new AttributeSplit([.. rows.Take(4)])), "got 5 parts and 4 subjects");
    }

    [Fact]
    public void The_figure_and_the_table_show_every_technique()
    {
        using var model = TinyModel.Open();
        var split = Split(model);
        var (majority, never) = (split.Majority(), split.Score("never", [new(0), new(1)], _ => [new bool[15], new bool[15]]));
        Assert.Equal([majority.AtChosen.Mean, majority.AtChosen.Mean], ((CurveFigure)AttributeScores.Chart(majority, never)).Curves[0].Points.Select(point => point.Y.Mean));
        Assert.Equal(["majority", "never"], ((CurveFigure)AttributeScores.Chart(majority, never)).Curves.Select(curve => curve.Name));
        Assert.Equal(["majority", "never"], AttributeScores.ToTable(majority, never).Rows.Select(row => row[0]));
        Assert.Throws<ChartException>(() => AttributeScores.Chart(majority));
    }
}
