using System.Text.Json;
using Logitscope.Datasets.Atlas;

namespace Logitscope.Tests.Datasets;

public class AtlasNaturalTextTests
{
    private static readonly NaturalSource[] s_sources = [new("long", 0.75), new("short", 0.25)];

    [Fact]
    public void Passages_have_their_length_and_their_sources_shares()
    {
        using var folder = Corpus();
        var passages = NaturalText.Read(folder.Path, seed: 1, s_sources).Take(400).ToArray();
        Assert.All(passages, passage => Assert.InRange(passage.Length, 190, 1200));
        var total = passages.Sum(passage => passage.Length);
        var shorts = passages.Where(passage => passage.StartsWith("Short", StringComparison.Ordinal));
        Assert.Equal(0.25, shorts.Sum(passage => passage.Length) / (double)total, tolerance: 0.02);
    }

    [Fact]
    public void The_same_seed_reads_the_same_and_another_seed_another_order()
    {
        using var folder = Corpus();
        string[] Read(ulong seed) => [.. NaturalText.Read(folder.Path, seed, s_sources).Take(50)];
        Assert.Equal(Read(1), Read(1));
        Assert.NotEqual(Read(1), Read(2));
    }

    [Fact]
    public void What_is_held_out_never_comes_even_in_part_and_in_other_typography()
    {
        using var folder = Corpus();
        folder.Write("held-out/eval.jsonl", Row("the story \u201Cnumber\u201D 7: SAYS that Nobody knows why."));
        var passages = NaturalText.Read(folder.Path, seed: 1, [new("short", 1)]).Take(60).ToArray();
        Assert.DoesNotContain(passages, passage => passage.Contains("number 7 "));
        Assert.Contains(passages, passage => passage.Contains("number 8 "));
    }

    [Fact]
    public void Broken_lines_are_joined_and_marks_are_made_plain()
    {
        var text = "\u201CIt is late,\u201D said the man, and he\nwent home \u2014 alone.  It was\u00A0dark.\n"
            + new string('x', 200);
        Assert.Equal(
            "\"It is late,\" said the man, and he went home -- alone. It was dark.\n" + new string('x', 200),
            Assert.Single(Passages.Cut(text)));
    }

    [Fact]
    public void Long_paragraphs_are_cut_between_sentences_and_nothing_is_lost()
    {
        var sentences = Enumerable.Range(0, 200)
            .Select(i => $"This is sentence {i} of a paragraph without an end.").ToArray();
        var passages = Passages.Cut(string.Join(' ', sentences)).ToArray();
        Assert.All(passages, passage => Assert.EndsWith("end.", passage));
        Assert.Equal(string.Join(' ', sentences), string.Join(' ', passages));
    }

    [Fact]
    public void A_sentence_longer_than_a_passage_is_left_out()
    {
        var text = $"{new string('a', 300)}. {new string('b', 1300)}. {new string('c', 300)}.";
        Assert.Equal([$"{new string('a', 300)}. {new string('c', 300)}."], Passages.Cut(text));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"body\": 1}")]
    [InlineData("{\"text\": 1}")]
    [InlineData("{\"text\": null}")]
    [InlineData("[]")]
    public void A_row_without_text_is_named(string row)
    {
        using var folder = Corpus();
        folder.Write("short.jsonl", row + "\n");
        var error = Assert.Throws<AtlasException>(() => NaturalText.Read(folder.Path, 1, [new("short", 1)]).First());
        Assert.Contains("short.jsonl, line 1", error.Message);
    }

    [Fact]
    public void Absent_files_are_named()
    {
        using var folder = Corpus();
        string Message(NaturalSource source) =>
            Assert.Throws<AtlasException>(() => NaturalText.Read(folder.Path, 1, [source]).First()).Message;

        Assert.Contains("absent.jsonl", Message(new("absent", 1)));
        folder.Write("tiny.jsonl", Row("Too little."));
        Assert.Contains("expected text that is not held out", Message(new("tiny", 1)));
        Directory.Delete(Path.Combine(folder.Path, "held-out"), recursive: true);
        Assert.Contains("held-out", Message(new("short", 1)));
    }

    private static TemporaryFolder Corpus()
    {
        var folder = new TemporaryFolder();
        folder.Write("held-out/none.jsonl", "");
        folder.Write("long.jsonl", string.Concat(Enumerable.Range(0, 5).Select(i => Row(string.Join(
            '\n', Enumerable.Range(0, 60).Select(j => $"Chapter {i}, part {j}: {new string('z', 60 + j)}."))))));
        folder.Write("short.jsonl", string.Concat(Enumerable.Range(0, 30).Select(i => Row(
            $"Short. The story number {i} says that nobody knows why. {new string('y', 200)}."))));
        return folder;
    }

    private static string Row(string text) => JsonSerializer.Serialize(new { text }) + "\n";
}
