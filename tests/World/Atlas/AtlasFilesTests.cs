using Logitscope.World;

namespace Logitscope.Tests.World;

public class AtlasFilesTests
{
    [Theory]
    [InlineData("facts/fruit.tsv", "banana\tyellow\twhite", "banana\tyellow", "line 2: expected 3 cells, got 2")]
    [InlineData("facts/fruit.tsv", "banana\tyellow", "banana\t", "expected a cell without spaces around it, got ''")]
    [InlineData("facts/fruit.tsv", "apple\tred", "banana\tred", "each fruit once, got 'banana' again")]
    [InlineData("facts/fruit.tsv", "fruit\toutside", "fruits\toutside", "first column to be called 'fruit'")]
    [InlineData("facts/product.tsv", "phone\tApple", "phone\tApples", "a subject of company.tsv, got 'Apples'")]
    [InlineData("facts/product.tsv", "maker>company", "maker>firm", "expected a subject of firm.tsv, got 'Apple'")]
    [InlineData("phrases.tsv", "fruit.inside\tnoun", "fruit.core\tnoun", "a relation or kind of the tables")]
    [InlineData("phrases.tsv", "fruit.inside\tnoun", "fruit.inside\tname", "expected a use out of tell, ")]
    [InlineData("phrases.tsv", "fruit.inside\tnoun", "fruit.inside\tback", "a phrase for fruit.inside, use noun")]
    [InlineData("phrases.tsv", "the inside color of {a s}", "the color of {a s", "expected a slot such as {s}")]
    [InlineData("phrases.tsv", "fruit.inside\tnoun\tthe inside color of {a s}", "fruit.inside\tnoun\tthe color of {it}", "the use noun has no slot {it}")]
    [InlineData("phrases.tsv", "a slice of {s} looks {o}", "{o} is {s}", "to end with {o}")]
    [InlineData("words.tsv", "list\tword", "list\twords", "expected the columns list, word, got list, words")]
    public void A_damaged_file_is_named_with_what_was_expected(string file, string old, string bad, string message)
    {
        using var folder = new TemporaryFolder().WithAtlas();
        var text = File.ReadAllText(Path.Combine(folder.Path, file));
        Assert.Contains(old, text);
        var at = text.IndexOf(old, StringComparison.Ordinal);
        folder.Write(file, text[..at] + bad + text[(at + old.Length)..]);

        var error = Assert.Throws<AtlasException>(() => Atlas.Load(folder.Path));
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void An_absent_file_or_folder_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("folder of fact tables", Assert.Throws<AtlasException>(() => Atlas.Load(folder.Path)).Message);
        folder.WithAtlas();
        File.Delete(Path.Combine(folder.Path, "stories.tsv"));
        Assert.Contains("stories.tsv", Assert.Throws<AtlasException>(() => Atlas.Load(folder.Path)).Message);
    }

    [Fact]
    public void A_story_that_asks_for_what_nothing_has_is_refused()
    {
        using var folder = new TemporaryFolder().WithAtlas();
        folder.Write("stories.tsv", "story\tbeat\ttext\nodd\t1\t{hero.hat} sat down.\n");
        var options = new AtlasOptions { Shares = new Dictionary<DocumentKind, double> { [DocumentKind.Story] = 1 } };
        var stories = Atlas.Load(folder.Path).Generate(seed: 1, options);
        Assert.Contains("{hero.hat}", Assert.Throws<AtlasException>(() => stories.First()).Message);
    }
}
