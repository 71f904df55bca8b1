using System.Security.Cryptography;

namespace Logitscope.Tests.Charts;

public class PlotlyLibraryTests
{
    [Fact]
    public void The_hash_is_that_of_the_library_which_the_set_up_installs() => Assert.Equal(PlotlyLibrary.Integrity,
        "sha384-" + Convert.ToBase64String(SHA384.HashData(File.ReadAllBytes(Browser.Plotly().Path))));

    [Fact]
    public void The_named_file_goes_before_the_one_beside_the_library_and_none_is_none()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(PlotlyLibrary.Find(null, folder.Path));

        var (named, beside) = (folder.Write("named.js", ""), folder.Write("plotly.min.js", ""));

        Assert.Equal(beside, PlotlyLibrary.Find("", folder.Path)?.Path);
        Assert.Equal(named, PlotlyLibrary.Find(named, folder.Path)?.Path);
    }

    [Fact]
    public void A_named_file_that_is_absent_is_an_error_not_a_fallback() =>
        Assert.Equal("LOGITSCOPE_PLOTLY names plotly.min.js, got '/nowhere/plotly.min.js', which is no file.",
            Assert.Throws<ChartException>(() => PlotlyLibrary.Find("/nowhere/plotly.min.js", ".")).Message);
}
