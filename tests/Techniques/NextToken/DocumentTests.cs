namespace Logitscope.Tests.Techniques.NextToken;

public class DocumentTests
{
    [Fact]
    public void Every_technique_has_its_line_with_its_figures_in_the_document()
    {
        var lines = File.ReadAllLines(Repository.File("docs", "techniques.md"));
        var names = NextTokenTechnique.All.Where(technique => technique is not LensPatchscope).Select(technique => technique.Name).Concat(FittedTechnique.Kinds.Except(FutureLens.Kinds));
        Assert.All(names, name => Assert.Matches(
            @"p@1 [\d.]+ \[[\d.]+, [\d.]+\], KL [\d.]+ \[[\d.]+, [\d.]+\] \|$",
            Assert.Single(lines, line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal))));
    }
}
