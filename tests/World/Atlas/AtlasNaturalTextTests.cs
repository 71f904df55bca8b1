using System.Security.Cryptography;
using System.Text.Json;
using Logitscope.World;

namespace Logitscope.Tests.World;

public class AtlasNaturalTextTests
{
    [Fact]
    public void Passages_have_their_length_and_their_sources_shares()
    {
        using var folder = Corpus();
        var passages = Load(folder).Passages(seed: 1).Take(400).ToArray();
        Assert.All(passages, passage => Assert.InRange(passage.Length, 190, 1200));
        var total = passages.Sum(passage => passage.Length);
        var shorts = passages.Where(passage => passage.StartsWith("Short", StringComparison.Ordinal));
        Assert.Equal(0.25, shorts.Sum(passage => passage.Length) / (double)total, tolerance: 0.02);
    }

    [Fact]
    public void The_same_seed_reads_the_same_and_another_seed_another_order()
    {
        using var folder = Corpus();
        string[] Read(ulong seed) => [.. Load(folder).Passages(seed).Take(50)];
        Assert.Equal(Read(1), Read(1));
        Assert.NotEqual(Read(1), Read(2));
    }

    [Fact]
    public void What_is_held_out_never_comes_even_in_part_and_in_other_typography()
    {
        using var folder = Corpus();
        folder.Write("held-out/eval.jsonl", Row("the story \u201Cnumber\u201D 7: SAYS that Nobody knows why."));
        var passages = Load(folder, "short").Passages(seed: 1).Take(60).ToArray();
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
            Assert.Single(PassageCutter.Cut(text)));
    }

    [Fact]
    public void Long_paragraphs_are_cut_between_sentences_and_nothing_is_lost()
    {
        var sentences = Enumerable.Range(0, 200)
            .Select(i => $"This is sentence {i} of a paragraph without an end.").ToArray();
        var passages = PassageCutter.Cut(string.Join(' ', sentences)).ToArray();
        Assert.All(passages, passage => Assert.EndsWith("end.", passage));
        Assert.Equal(string.Join(' ', sentences), string.Join(' ', passages));
    }

    [Fact]
    public void A_sentence_longer_than_a_passage_is_left_out()
    {
        var text = $"{new string('a', 300)}. {new string('b', 1300)}. {new string('c', 300)}.";
        Assert.Equal([$"{new string('a', 300)}. {new string('c', 300)}."], PassageCutter.Cut(text));
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
        var error = Assert.Throws<AtlasException>(() => Load(folder, "short"));
        Assert.Contains("short.jsonl, line 1", error.Message);
    }

    [Fact]
    public void Absent_files_are_named()
    {
        using var folder = Corpus();
        var mix = MixOf(folder, "short");
        File.Delete(folder.PathOf("short.jsonl"));
        Assert.Contains("short.jsonl", Message(mix));
        folder.Write("tiny.jsonl", Row("Too little."));
        Assert.Contains("expected text that is not held out", Message(MixOf(folder, "tiny")));
        Directory.Delete(folder.PathOf("held-out"), recursive: true);
        Assert.Contains(Path.Combine("held-out", "eval.jsonl"), Message(mix));

        string Message(NaturalMix of) => Assert.Throws<AtlasException>(() => NaturalText.Load(folder.Path, of)).Message;
    }

    [Fact]
    public void Another_file_than_the_one_that_is_meant_is_refused()
    {
        using var folder = Corpus();
        var mix = MixOf(folder, "short");
        folder.Write("short.jsonl", Row(new string('x', 300)));
        var error = Assert.Throws<AtlasException>(() => NaturalText.Load(folder.Path, mix));
        Assert.Contains(mix.Sources[0].Sha256, error.Message);
        Assert.Contains("short.jsonl", error.Message);
    }

    private static NaturalText Load(TemporaryFolder folder, params string[] names) =>
        NaturalText.Load(folder.Path, MixOf(folder, names));

    // The sources long and short, three to one, or the ones named; with the hashes that their files have now.
    private static NaturalMix MixOf(TemporaryFolder folder, params string[] names)
    {
        var shares = names.Length == 0
            ? new Dictionary<string, double> { ["long"] = 0.75, ["short"] = 0.25 }
            : names.ToDictionary(name => name, _ => 1.0);
        return new(
            0.3,
            [.. shares.Select(pair => new NaturalSource(pair.Key, pair.Value, "here", "any", Hash($"{pair.Key}.jsonl")))],
            new Dictionary<string, string> { ["eval"] = Hash("held-out", "eval.jsonl") });

        string Hash(params string[] file) =>
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.PathOf(file))));
    }

    private static TemporaryFolder Corpus()
    {
        var folder = new TemporaryFolder();
        folder.Write("held-out/eval.jsonl", "");
        folder.Write("long.jsonl", string.Concat(Enumerable.Range(0, 5).Select(i => Row(string.Join(
            '\n', Enumerable.Range(0, 60).Select(j => $"Chapter {i}, part {j}: {new string('z', 60 + j)}."))))));
        folder.Write("short.jsonl", string.Concat(Enumerable.Range(0, 30).Select(i => Row(
            $"Short. The story number {i} says that nobody knows why. {new string('y', 200)}."))));
        return folder;
    }

    private static string Row(string text) => JsonSerializer.Serialize(new { text }) + "\n";
}
