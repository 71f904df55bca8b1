using System.Text;
using FsCheck.Fluent;
using Logitscope.Tests.Tokenizers;
using Logitscope.World;

namespace Logitscope.Tests.World;

public class BpeTrainerTests
{
    [Fact]
    public void The_most_frequent_pair_is_merged_first()
    {
        // "ab" 4 times, "bc" 3 times; then "abc" 3 times; then nothing twice.
        var tokenizer = BpeTrainer.Train(["abc", "abc", "abc", "ab"]);
        Assert.Equal(["ab", "abc", "<|endoftext|>"], Enumerable.Range(256, 3).Select(tokenizer.TokenText));
        Assert.Equal(259, tokenizer.VocabularySize);
        Assert.Equal(258, tokenizer.BosId);
        Assert.Equal(258, tokenizer.EosId);
        Assert.False(tokenizer.AddsBos);
    }

    [Fact]
    public void Ties_go_to_the_smaller_ids()
    {
        var tokenizer = BpeTrainer.Train(["zy", "zy", "ba", "ba", "bc", "bc"], new() { Merges = 2 });
        Assert.Equal(["ba", "bc"], Enumerable.Range(256, 2).Select(tokenizer.TokenText));
    }

    [Fact]
    public void No_pair_crosses_the_edge_of_a_piece()
    {
        var tokenizer = BpeTrainer.Train(Enumerable.Repeat("it's 12 cats", 10));
        var tokens = Enumerable.Range(256, tokenizer.VocabularySize - 257).Select(tokenizer.TokenText).ToList();
        Assert.All(["it", "'s", "␣12", "␣cats"], whole => Assert.Contains(whole, tokens));
        Assert.DoesNotContain(tokens, token => token.Contains("t'") || token.Contains("s␣"));
    }

    [Fact]
    public void Training_equals_counting_anew_for_every_merge()
    {
        var repetitive = Gen.Elements('a', 'b', 'c', ' ').ArrayOf().Select(chars => new string(chars));
        var texts = Gen.OneOf(repetitive, Unicode.Strings.Generator).ListOf();
        Prop.ForAll(Gen.Zip(texts, Gen.Choose(1, 3)).ToArbitrary(), input =>
            {
                var (documents, minimum) = input;
                var trained = BpeTrainer.Train(documents, new() { Merges = 12, MinimumCount = minimum });
                using var folder = new TemporaryFolder();
                trained.Save(folder.Path);
                var merges = File.ReadLines(Path.Combine(folder.Path, "merges.txt")).Skip(1);
                var expected = NaiveBpe.Train(documents.SelectMany(Words), merges: 12, minimum);
                Assert.Equal(expected.Select(merge => $"{merge.Left} {merge.Right}"), merges);
            })
            .Holds(cases: 300);
    }

    [Fact]
    public void The_order_of_the_texts_does_not_matter() =>
        Prop.ForAll(Unicode.Strings.Generator.ListOf().ToArbitrary(), texts =>
            {
                var forward = Saved(BpeTrainer.Train(texts, new() { Merges = 30 }));
                var backward = Saved(BpeTrainer.Train(texts.AsEnumerable().Reverse(), new() { Merges = 30 }));
                Assert.Equal(forward, backward);
            })
            .Holds();

    [Fact]
    public void Every_merge_makes_a_new_token_and_the_end_of_text_comes_last()
    {
        var options = new BpeTrainingOptions { Merges = 1000, MinimumCount = 1 };
        var tokenizer = BpeTrainer.Train(["ababab bababa abcabc cabcab aabbcc"], options);
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        var merges = File.ReadLines(Path.Combine(folder.Path, "merges.txt")).Count() - 1;
        Assert.Equal(256 + merges + 1, tokenizer.VocabularySize);
        Assert.Equal(256 + merges, tokenizer.EosId);
    }

    [Fact]
    public void The_end_of_text_is_never_made_by_merging()
    {
        var tokenizer = BpeTrainer.Train(Enumerable.Repeat("<|endoftext|> endoftext|> <|endoftext", 50));
        Assert.Equal("<|endoftext|>", tokenizer.TokenText(tokenizer.VocabularySize - 1));
        Assert.Equal(tokenizer.VocabularySize - 1, Assert.Single(tokenizer.EncodeToIds("<|endoftext|>")));
    }

    [Fact]
    public void Nothing_to_learn_from_gives_the_bytes_alone()
    {
        Assert.Equal(257, BpeTrainer.Train([]).VocabularySize);
        Assert.Equal(257, BpeTrainer.Train(["", "a"]).VocabularySize);
        Assert.Equal(257, BpeTrainer.Train(["abab abab"], new() { Merges = 0 }).VocabularySize);
    }

    [Fact]
    public void Options_outside_their_range_are_told()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train([], new() { Merges = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train([], new() { MinimumCount = 0 }));
    }

    [Fact]
    public void A_trained_tokenizer_reads_back_from_its_files()
    {
        using var folder = new TemporaryFolder();
        Vocabularies.Small.Save(folder.Path);
        var loaded = ModelTokenizer.Load(folder.Path);
        Assert.Equal(Vocabularies.Small.VocabularySize, loaded.VocabularySize);
        Assert.Equal(Vocabularies.Small.BosId, loaded.BosId);
        Assert.Equal(Vocabularies.Small.EosId, loaded.EosId);
        Prop.ForAll(Unicode.Strings, text =>
                loaded.EncodeToIds(text).SequenceEqual(Vocabularies.Small.EncodeToIds(text)))
            .Holds(cases: 500);
    }

    private static string Saved(ByteLevelBpe tokenizer)
    {
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        return string.Concat(Directory.EnumerateFiles(folder.Path).Order().Select(File.ReadAllText));
    }

    private static IEnumerable<string[]> Words(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = Gpt2Splitter.Instance.EndOfPiece(text, start);
            yield return [.. Encoding.UTF8.GetBytes(text[start..end]).Select(ByteSymbols.SymbolOf)];
        }
    }
}
