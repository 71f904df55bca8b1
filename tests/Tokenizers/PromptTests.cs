namespace Logitscope.Tests.Tokenizers;

public class PromptTests
{
    private const string Text = "The cat sat";

    private static ByteLevelBpe Small => Vocabularies.Small;

    [Fact]
    public void The_reference_puts_a_BOS_before_every_text()
    {
        var prompt = Small.Encode("?");
        Assert.Equal(2, prompt.Count);
        Assert.Equal(Small.BosId, prompt.Ids[0]);
        Assert.True(prompt.HasBos);
        Assert.Equal(Bos.Always, prompt.Bos);
        Assert.Equal("?", prompt.Text);
    }

    [Fact]
    public void Never_means_never()
    {
        var prompt = Small.Encode("?", Bos.Never);
        Assert.Equal("?", Assert.Single(prompt.Tokens).Text);
        Assert.False(prompt.HasBos);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_models_way_is_what_its_tokenizer_says(bool addsBos)
    {
        using var folder = new TemporaryFolder();
        Small.Save(folder.Path);
        folder.Write("tokenizer_config.json", $$"""{"add_bos_token": {{(addsBos ? "true" : "false")}}}""");
        var tokenizer = ModelTokenizer.Load(folder.Path);
        Assert.Equal(addsBos, tokenizer.AddsBos);
        Assert.Equal(addsBos, tokenizer.Encode(Text, Bos.Model).HasBos);
    }

    [Fact]
    public void A_BOS_is_put_before_a_BOS_when_it_is_asked_for() =>
        Assert.Equal([Small.BosId!.Value, Small.BosId!.Value], Small.Encode("<|endoftext|>").Ids);

    [Fact]
    public void A_BOS_that_the_tokenizer_lacks_is_told()
    {
        using var folder = new TemporaryFolder();
        Small.Save(folder.Path);
        folder.Write("tokenizer_config.json", """{"bos_token": null}""");
        var tokenizer = ModelTokenizer.Load(folder.Path);
        Assert.Null(tokenizer.BosId);
        Assert.Contains("no BOS", Assert.Throws<TokenizerException>(() => tokenizer.Encode("?")).Message);
        Assert.Equal(1, tokenizer.Encode("?", Bos.Never).Count);
        Assert.Equal(1, tokenizer.Encode("?", Bos.Model).Count);
    }

    [Fact]
    public void Ids_by_hand_stay_as_they_are()
    {
        var prompt = Small.FromIds([5, 7]);
        Assert.Equal([5, 7], prompt.Ids);
        Assert.Null(prompt.Text);
        Assert.Null(prompt.Bos);
        Assert.False(prompt.HasBos);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void Ids_by_hand_are_checked(int id)
    {
        var error = Assert.Throws<TokenizerException>(() => Small.FromIds([0, id]));
        Assert.Contains($"expected 0 to {Small.VocabularySize - 1}", error.Message);
        Assert.Contains($"got {id}", error.Message);
    }

    [Fact]
    public void The_token_table_has_a_row_a_position()
    {
        var prompt = Small.Encode(Text);
        Assert.Equal(new(0, Small.BosId!.Value, "<|endoftext|>"), prompt.Tokens[0]);
        Assert.Equal(new(2, prompt.Ids[2], "␣cat"), prompt.Tokens[2]);
        Assert.Equal(prompt.Ids, prompt.Tokens.Select(token => token.Id));
        Assert.StartsWith("<|endoftext|>|The|␣cat", prompt.ToString());
    }

    [Fact]
    public void Positions_count_from_either_end()
    {
        var prompt = Small.FromIds([10, 11, 12, 13]);
        Assert.Equal([0, 3, 0, 3], new Index[] { 0, 3, ^4, ^1 }.Select(prompt.ResolvePosition));
        Assert.Equal([0, 3, 0, 3], new[] { 0, 3, -4, -1 }.Select(prompt.ResolvePosition));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-5)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void A_position_outside_the_prompt_is_told(int position)
    {
        var error = Assert.Throws<PositionException>(() => Small.FromIds([10, 11, 12, 13]).ResolvePosition(position));
        Assert.Contains("expected 0 to 3, or ^1 (-1) to ^4 (-4)", error.Message);
        Assert.Contains($"got {position}", error.Message);
    }

    [Fact]
    public void An_index_outside_the_prompt_is_told()
    {
        var prompt = Small.FromIds([10, 11, 12, 13]);
        Assert.Contains("got ^0", Assert.Throws<PositionException>(() => prompt.ResolvePosition(^0)).Message);
        Assert.Throws<PositionException>(() => prompt.ResolvePosition(^5));
        Assert.Throws<PositionException>(() => prompt.ResolvePosition((Index)4));
    }

    [Fact]
    public void An_empty_prompt_has_no_positions()
    {
        var error = Assert.Throws<PositionException>(() => Small.Encode("", Bos.Never).ResolvePosition(^1));
        Assert.Contains("no tokens", error.Message);
    }

    [Fact]
    public void A_prompt_is_cut_at_its_end_and_the_BOS_counts()
    {
        var prompt = Small.Encode(Text);
        var cut = prompt.Truncate(2);
        Assert.Equal([Small.BosId!.Value, prompt.Ids[1]], cut.Ids);
        Assert.True(cut.HasBos);
        Assert.Equal(Text, cut.Text);
        Assert.Same(prompt, prompt.Truncate(prompt.Count));
        Assert.Throws<PositionException>(() => prompt.Truncate(0));
    }
}
