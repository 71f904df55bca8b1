namespace Logitscope.Tests;

public class LayoutTests
{
    [Fact]
    public void The_checkout_is_found() => Assert.True(File.Exists(Repository.File("global.json")));
}
