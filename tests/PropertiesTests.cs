using FsCheck.Fluent;

namespace Logitscope.Tests;

public class PropertiesTests
{
    [Fact]
    public void A_property_that_does_not_hold_fails_with_the_case_that_breaks_it()
    {
        var error = Assert.ThrowsAny<Exception>(() => Prop.ForAll<bool>(value => value).Holds());
        Assert.Contains("Falsifiable", error.Message);
    }
}
