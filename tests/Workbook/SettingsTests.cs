namespace Logitscope.Tests.Workbook;

// Sets variables of the whole process.
[Collection(nameof(Alone))]
public class SettingsTests
{
    [Fact]
    public void Without_variables_the_workbook_runs_on_what_the_checkout_ships()
    {
        Assert.Equal(Repository.File("data", "prompts.jsonl"), Settings.Data);
        Assert.Null(Settings.Limit);
        Assert.Equal(Repository.File("out"), Settings.Out);
        Assert.Equal(700, Settings.ReadPrompts().Count);
    }

    [Fact]
    public void Variables_choose_otherwise()
    {
        using var limit = new Variable("LOGITSCOPE_LIMIT", "3");
        using var dtype = new Variable("LOGITSCOPE_DTYPE", "float64");
        Assert.Equal(3, Settings.ReadPrompts().Count);
        Assert.Equal(TorchSharp.torch.ScalarType.Float64, Settings.ModelOptions.Dtype);
    }

    [Theory]
    [InlineData("LOGITSCOPE_LIMIT", "0")]
    [InlineData("LOGITSCOPE_LIMIT", "many")]
    public void A_limit_that_is_no_number_above_zero_is_refused(string name, string value)
    {
        using var variable = new Variable(name, value);
        Assert.Contains(value, Assert.Throws<LogitscopeException>(() => Settings.Limit).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_is_not_known_is_refused()
    {
        using var variable = new Variable("LOGITSCOPE_DTYPE", "int4");
        Assert.Contains("int4", Assert.Throws<LogitscopeException>(() => Settings.ModelOptions).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Diagnostics_name_libtorch_and_the_model()
    {
        using var model = Settings.LoadModel();
        var text = Diagnostics.Of(model).ToText();
        Assert.Contains(TorchRuntime.Version, text, StringComparison.Ordinal);
        Assert.Contains(model.Fingerprint[..12], text, StringComparison.Ordinal);
        Assert.Contains("GFLOP/s", text, StringComparison.Ordinal);
    }
}
