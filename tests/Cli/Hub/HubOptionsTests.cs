using Logitscope.Cli.Hub;

namespace Logitscope.Tests.Cli.Hub;

/// <summary>What the environment may say.</summary>
[Collection(nameof(Alone))]
public sealed class HubOptionsTests
{
    [Fact]
    public void Variables_override_the_defaults()
    {
        using var endpoint = new Variable("HF_ENDPOINT", "https://mirror.example/hub/");
        using var server = new Variable("HF_DATASETS_SERVER", "http://rows.example");
        using var token = new Variable("HF_TOKEN", " hf_abc\n");
        using var offline = new Variable("HF_HUB_OFFLINE", "1");
        var options = HubOptions.FromEnvironment();
        Assert.Equal("https://mirror.example/hub/", options.Endpoint.AbsoluteUri);
        Assert.Equal("rows.example", options.DatasetsServer.Host);
        Assert.Equal(("hf_abc", true), (options.Token, options.Offline));
    }

    [Theory]
    [InlineData("HF_ENDPOINT", "hub")]
    [InlineData("HF_ENDPOINT", "file:///etc")]
    [InlineData("HF_DATASETS_SERVER", "ftp://rows.example")]
    [InlineData("HF_TOKEN", "two words")]
    [InlineData("HF_TOKEN", "a\r\nX: b")]
    public void A_variable_without_a_meaning_is_named(string name, string value)
    {
        using var variable = new Variable(name, value);
        Assert.Contains(name, Assert.Throws<HubException>(HubOptions.FromEnvironment).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://hub.example", false)]
    [InlineData("https://hub.example", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    public void A_token_never_travels_in_the_clear(string address, bool accepted)
    {
        using var endpoint = new Variable("HF_ENDPOINT", address);
        using var token = new Variable("HF_TOKEN", "secret");
        var error = Record.Exception(HubOptions.FromEnvironment);
        Assert.Equal(accepted, error is null);
        Assert.DoesNotContain("secret", $"{error?.Message}", StringComparison.Ordinal);
    }
}
