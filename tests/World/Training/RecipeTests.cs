using Logitscope.World;

namespace Logitscope.Tests.World;

public sealed class RecipeTests
{
    private static readonly string s_embedded = Repository.File("data", "tiny-gptj", "recipe.json");

    [Theory]
    [InlineData("\"steps\": ", "\"stops\": ", "stops")]
    [InlineData("\"licence\": \"MIT\"", "\"license\": \"MIT\"", "license")]
    [InlineData("\"seed\": 42", "\"seed\": \"42\"", "seed")]
    [InlineData("\"sequence_lengths\": [", "\"sequence_lengths\": [100, ", "divide tokens_per_step (1536), got 100")]
    [InlineData("\"sequence_lengths\": [", "\"sequence_lengths\": [768, ", "up to n_positions (512)")]
    [InlineData("\"sequence_lengths\": [", "\"sequence_lengths\": [0, ", "divide tokens_per_step (1536), got 0")]
    [InlineData("\"tokens_per_step\": 1536", "\"tokens_per_step\": 0", "divide tokens_per_step (0), got 128")]
    [InlineData("\"decay_steps\": ", "\"decay_steps\": 1", "expected warmup_steps and decay_steps within")]
    [InlineData("\"seed\": 42", "\"seed\": 42, \"model_type\": \"gpt3\"", "expected model_type gptj or gpt2, got 'gpt3'")]
    [InlineData("\"rotary_dim\": 16", "\"rotary_dim\": 0", "expected rotary_dim 0 in gpt2")]
    [InlineData("\"seed\": 42", "\"seed\": 42, \"arithmetic\": \"int8\"", "expected arithmetic float32, float64, bfloat16, float16, got 'int8'")]
    [InlineData("\"seed\": 42", "\"seed\": 42, \"replicas\": -1", "expected replicas 1 to 12, the rows of a step, got -1")]
    [InlineData("\"seed\": 42", "\"seed\": 42, \"replicas\": 100000", "expected replicas 1 to 12, the rows of a step, got 100000")]
    [InlineData("{", "", "not a recipe")]
    public void A_damaged_recipe_is_named_with_what_is_wrong(string old, string bad, string message)
    {
        using var folder = new TemporaryFolder();
        var text = File.ReadAllText(s_embedded);
        var at = text.IndexOf(old, StringComparison.Ordinal);
        var path = folder.Write("recipe.json", text[..at] + bad + text[(at + old.Length)..]);
        var error = Assert.Throws<TrainingException>(() => TrainingRecipe.Read(path));
        Assert.Contains(path, error.Message);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void The_embedded_models_recipe_names_where_every_text_is_from()
    {
        var natural = TrainingRecipe.Read(s_embedded).Natural!;
        Assert.All(natural.Sources, source =>
        {
            Assert.StartsWith("https://", source.Origin);
            Assert.NotEmpty(source.Licence);
            Assert.Equal(64, source.Sha256.Length);
        });
        Assert.Contains(natural.Sources, source => source.Name == "novels");
    }

    [Fact]
    public void A_recipe_is_written_as_it_is_read()
    {
        using var folder = new TemporaryFolder();
        var recipe = TrainingRecipe.Read(s_embedded);
        recipe.Write(folder.Path);
        var again = TrainingRecipe.Read(folder.PathOf(TrainingRecipe.File));
        Assert.Equivalent(recipe, again, strict: true);
        Assert.Equal(recipe.SequenceLengths, again.SequenceLengths);
    }
}
