using System.Security.Cryptography;
using Logitscope.Charts;

namespace Logitscope.Tests.Charts;

public class PlotlyLibraryTests
{
    [Fact]
    public void The_hash_is_that_of_the_library_which_the_set_up_installs() => Assert.Equal(PlotlyLibrary.Integrity,
        "sha384-" + Convert.ToBase64String(SHA384.HashData(File.ReadAllBytes(Browser.Plotly().Path))));
}
