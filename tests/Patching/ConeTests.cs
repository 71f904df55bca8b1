using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Patching;

/// <summary>A patch reaches the later layers of its own and the later positions, and nothing else.</summary>
public class ConeTests
{
    private const int Length = 6;

    public static MatrixTheoryData<int, Site, int> Patches() =>
        new([0, 1, 2], [Site.ResidPre, Site.ResidPost], [0, 3, 5]);

    [Theory]
    [MemberData(nameof(Patches))]
    public void Outside_its_cone_no_bit_changes_and_inside_every_cell_does(int layer, Site site, int position)
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        var ids = model.Tensor(model.RandomIds(Length, seed: 1));
        var patch = new Hook(layer, site);
        var other = model.Forward(model.Tensor(model.RandomIds(4, seed: 2)), new() { Keep = [patch] });
        var edit = new Edit(patch, position, other.Residuals[patch].select(1, 2));
        var own = model.Forward(ids, new() { Keep = model.Hooks() });
        var patched = model.Forward(ids, new() { Keep = model.Hooks(), Edits = [edit] });

        foreach (var hook in model.Hooks())
        {
            for (var at = 0; at < Length; at++)
            {
                var (before, after) = (own.Residuals[hook].select(1, at), patched.Residuals[hook].select(1, at));
                Changes(before, after, Reaches(hook, at), $"{hook} at {at}");
            }
        }

        for (var at = 0; at < Length; at++)
        {
            // Above the last block there is only the position itself.
            var reached = patch == new Hook(2, Site.ResidPost) ? at == position : at >= position;
            Changes(own.Logits.select(1, at), patched.Logits.select(1, at), reached, $"logits at {at}");
        }

        bool Reaches(Hook hook, int at)
        {
            var stepsUp = Steps(hook) - Steps(patch);
            return at == position ? stepsUp >= 0 : at > position && stepsUp > 0 && hook.Layer >= FirstMixedLayer(hook);
        }

        // Positions mix within blocks. The next place after resid_post l is resid_pre l+1, with no block between them.
        int FirstMixedLayer(Hook hook) => (patch.Site, hook.Site) switch
        {
            (Site.ResidPre, Site.ResidPost) => layer,
            (Site.ResidPost, Site.ResidPre) => layer + 2,
            _ => layer + 1,
        };
    }

    private static int Steps(Hook hook) => (2 * hook.Layer) + (hook.Site == Site.ResidPost ? 1 : 0);

    private static void Changes(Tensor own, Tensor patched, bool expected, string where)
    {
        if (expected)
        {
            Assert.True((own - patched).abs().max().to(float64).item<double>() > 0.01, $"{where}: expected a change");
        }
        else
        {
            Identical(own, patched, where);
        }
    }
}
