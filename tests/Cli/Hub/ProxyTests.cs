using System.Net;
using Logitscope.Cli.Hub;

namespace Logitscope.Tests.Cli.Hub;

/// <summary>NO_PROXY as curl reads it.</summary>
[Collection(nameof(Alone))] // the environment is the whole process's
public class ProxyTests
{
    private static readonly WebProxy s_proxy = new("http://proxy.example:3128");

    [Theory]
    [InlineData("*", "https://huggingface.co/a", true)]
    [InlineData("*,other.example", "https://huggingface.co/a", false)] // only alone does it mean all
    [InlineData("10.0.0.0/8", "http://10.1.2.3:8080/a", true)]
    [InlineData("192.168.0.0/16, 10.0.0.0/8", "http://10.1.2.3/a", true)]
    [InlineData("10.0.0.0/8", "http://11.1.2.3/a", false)]
    [InlineData("fd00::/8", "http://[fd00::1]/a", true)]
    [InlineData("fd00::/8", "http://[fe80::1]/a", false)]
    [InlineData("10.0.0.0/99", "http://10.1.2.3/a", false)]
    [InlineData("", "https://huggingface.co/a", false)]
    public void What_is_reached_without_a_proxy(string exceptions, string address, bool direct)
    {
        using var variable = new Variable("NO_PROXY", exceptions);
        using var lower = new Variable("no_proxy", exceptions);
        var proxy = new HubClient.EnvironmentProxy(s_proxy);
        Assert.Equal(direct, proxy.IsBypassed(new(address)));
        Assert.Equal(direct ? null : s_proxy.Address, proxy.GetProxy(new(address)));
    }
}
