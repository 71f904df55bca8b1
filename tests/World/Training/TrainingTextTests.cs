using Logitscope.World;

namespace Logitscope.Tests.World;

public sealed class TrainingTextTests : IDisposable
{
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(EmbeddedModel.Folder);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_step_has_rows_of_its_length_that_begin_with_a_bos()
    {
        var steps = Text(share: 0.3).Rows(0, s_tokenizer).Take(4).ToArray();
        Assert.Equal([(2, 25), (3, 17), (2, 25), (3, 17)], steps.Select(rows => (rows.Length, rows[0].Length)));
        Assert.All(steps.SelectMany(rows => rows), row => Assert.Equal(s_tokenizer.BosId, (int)row[0]));
    }

    [Fact]
    public void A_step_has_the_same_text_wherever_one_begins()
    {
        var all = Text(share: 0.3).Rows(0, s_tokenizer).Take(131).ToArray();
        foreach (var first in new[] { 1, 63, 64, 130 })
        {
            Assert.Equal(all[first], Text(share: 0.3).Rows(first, s_tokenizer).First());
        }

        Assert.NotEqual(all[0], all[64]);
        Assert.Equal(
            all[1].SelectMany(row => row),
            Text(share: 0.3).Batches(1, s_tokenizer).First().data<long>().ToArray());
    }

    [Fact]
    public void Natural_text_goes_on_in_the_next_row_and_generated_text_is_cut()
    {
        AtlasDocument[] documents =
        [
            new(DocumentKind.Natural, "one two three four five six"),
            new(DocumentKind.Statement, "The capital of Peru is Lima."),
            new(DocumentKind.Statement, "Next."),
        ];
        var packer = new RowPacker(documents, s_tokenizer);
        var bos = s_tokenizer.BosId!.Value;
        var natural = s_tokenizer.EncodeToIds(documents[0].Text).Select(id => (long)id).ToArray();
        Assert.Equal([bos, .. natural[..3]], packer.Next(4));
        Assert.Equal([bos, .. natural[3..]], packer.Next(natural.Length - 2));
        Assert.Equal([bos, s_tokenizer.EncodeToIds("The")[0]], packer.Next(2));
        Assert.Equal([bos, .. s_tokenizer.EncodeToIds("Next").Select(id => (long)id)], packer.Next(1 + s_tokenizer.EncodeToIds("Next").Count));
        Assert.Throws<TrainingException>(() => packer.Next(2));
    }

    [Fact]
    public void The_rare_kinds_of_document_are_in_every_chapter_too()
    {
        var recipe = TrainerTests.Small with { TokensPerStep = 1536, SequenceLengths = [128], NPositions = 128 };
        var chapter = new TrainingText(AtlasWorld.Atlas, null, recipe).Rows(0, s_tokenizer).Take(64)
            .SelectMany(rows => rows).Select(row => s_tokenizer.Decode(row.Select(id => (int)id)));
        Assert.InRange(chapter.Count(row => row.Contains("The missing word:")), 40, 100);
    }

    private TrainingText Text(double share)
    {
        var mix = TinyCorpora.Write(_folder, share);
        return new(
            AtlasWorld.Atlas, NaturalText.Load(_folder.PathOf("corpora"), mix), TrainerTests.Small with { Natural = mix });
    }
}
