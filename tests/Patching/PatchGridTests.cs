using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Patching;

public class PatchGridTests
{
    [Theory]
    [InlineData(Site.ResidPost, Site.ResidPost)]
    [InlineData(Site.ResidPre, Site.ResidPost)]
    [InlineData(Site.ResidPost, Site.ResidPre)]
    [InlineData(Site.AttnOut, Site.ResidPost)]
    [InlineData(Site.MlpOut, Site.ResidPre)]
    public void Every_cell_is_the_patchscope_of_its_layers(Site from, Site to)
    {
        using var model = Open(float64);
        using var other = Open(float64, "gptj/partial-rotary");
        var patchscope = new Patchscope(
            new(model, model.FromIds([5, 6, 7, 8]), 0, 2, from), new(other, other.FromIds([9, 10, 11]), 0, ^2, to) { MaxNewTokens = 4 });
        var grid = PatchGrid.Run(patchscope, TestContext.Current.CancellationToken);
        Assert.Equal(9, grid.Cells.Select(cell => (cell.SourceLayer, cell.TargetLayer)).Distinct().Count());
        Assert.Equal(9, grid.Cells.Count);
        foreach (var cell in grid.Cells)
        {
            var result = (patchscope with
            {
                Source = patchscope.Source with { Layer = cell.SourceLayer },
                Target = patchscope.Target with { Layer = cell.TargetLayer },
            }).Run();
            var next = result.Next;
            Assert.Equal(result.GeneratedIds, cell.GeneratedIds);
            Assert.Equal(result.GeneratedText, cell.GeneratedText);
            Assert.Equal(next.Entropy, cell.Entropy, 10);
            Assert.Equal(next.Top(5).Select(token => token.Id), cell.Top.Select(token => token.Id));
            Assert.Equal(
                next.Top(5).Select(token => token.Probability), cell.Top.Select(token => token.Probability),
                (a, b) => Math.Abs(a - b) < 1e-10);
        }
    }
}
