using FsCheck.Fluent;
using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Patching;

public class WavefrontTests
{
    private static readonly Dictionary<string, LanguageModel> s_models =
        OfEachFamily().ToDictionary(row => row.Data, row => Open(float64, row.Data));

    // Any family, target, position, layers in any order, sites and row counts.
    [Fact]
    public void Every_row_is_the_last_residual_of_a_whole_patched_run() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            using var scope = NewDisposeScope();
            var (random, model) = Draw(seed);
            var target = model.FromIds(model.RandomIds(random.Next(1, 8), seed));
            var position = random.Next(target.Count);
            var patches = Patches(random, model);
            using var wavefront = new Wavefront(model, target, position);
            var rows = wavefront.Run(patches, TestContext.Current.CancellationToken);
            var hook = new Hook(model.Layers - 1, Site.ResidPost);
            var row = 0;
            foreach (var patch in patches)
            {
                for (var i = 0; i < patch.Residuals.size(0); i++, row++)
                {
                    var edit = new Edit(patch.Hook, position, patch.Residuals.select(0, i));
                    var run = model.Forward(target.ToTensor(), new() { Keep = [hook], Edits = [edit] });
                    Close(run.Residuals[hook].select(1, target.Count - 1), rows.narrow(0, row, 1), 1e-12, $"row {row}");
                }
            }

            Assert.Equal(row, rows.size(0));
        }).Holds();

    [Fact]
    public void Every_row_goes_on_as_a_whole_patched_run_does() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            using var scope = NewDisposeScope();
            var (random, model) = Draw(seed);
            var target = model.FromIds(model.RandomIds(random.Next(1, 8), seed));
            var position = random.Next(target.Count);
            var patches = Patches(random, model);
            var stop = random.Next(2) == 0 ? (int?)null : model.RandomIds(1, seed)[0];
            using var wavefront = new Wavefront(model, target, position);
            var texts = wavefront.Continue(patches, maxNewTokens: 6, stop, TestContext.Current.CancellationToken);
            var expected = patches.SelectMany(patch => Enumerable.Range(0, (int)patch.Residuals.size(0)).Select(i =>
                model.Generate(
                    target.Ids,
                    new() { MaxNewTokens = 6, StopId = stop, Edits = [new(patch.Hook, position, patch.Residuals.select(0, i))] })));
            Assert.Equal(expected, texts);
        }).Holds(60);

    [Fact]
    public void A_wavefront_runs_again_and_again_to_the_same_bits()
    {
        using var scope = NewDisposeScope();
        using var model = Open(float32);
        using var wavefront = new Wavefront(model, model.FromIds([5, 6, 7]), ^1);
        LayerPatch[] patches = [new(new(0, Site.ResidPost), randn([4, model.HiddenSize]))];
        var first = wavefront.Run(patches, TestContext.Current.CancellationToken);
        wavefront.Continue(patches, 3, stopId: null, TestContext.Current.CancellationToken);
        Identical(first, wavefront.Run(patches, TestContext.Current.CancellationToken), "the second run");
    }

    [Fact]
    public void What_cannot_run_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Open();
        var target = model.FromIds([5, 6, 7]);
        using var wavefront = new Wavefront(model, target, 1);
        var one = zeros([1, model.HiddenSize]);
        Says(Assert.Throws<PatchException>(() => Run()), "at least one residual");
        Says(Assert.Throws<PatchException>(() => Run(new LayerPatch(new(0, Site.ResidPost), zeros([1, 3])))), "[n, 48]");
        Says(Assert.Throws<PatchException>(() => Run(new LayerPatch(new(0, Site.ResidPost), zeros([48])))), "[n, 48]");
        Says(Assert.Throws<ModelException>(() => Run(new LayerPatch(new(3, Site.ResidPost), one))), "0 to 2", "got 3");
        Says(Assert.ThrowsAny<LogitscopeException>(() => new Wavefront(model, target, 3)), "3");
        Says(
            Assert.Throws<ModelException>(() => wavefront.Continue(
                [new(new(0, Site.ResidPost), one)], 30, stopId: null, TestContext.Current.CancellationToken)),
            "expected 1 to 29 after 3", "got 30");
        Assert.Throws<OperationCanceledException>(
            () => wavefront.Run([new(new(0, Site.ResidPost), one)], new CancellationToken(canceled: true)));

        Tensor Run(params LayerPatch[] patches) => wavefront.Run(patches, TestContext.Current.CancellationToken);
    }

    private static (Random Random, LanguageModel Model) Draw(int seed)
    {
        var random = new Random(seed);
        return (random, s_models.Values.ElementAt(random.Next(s_models.Count)));
    }

    private static LayerPatch[] Patches(Random random, LanguageModel model) =>
    [
        .. Enumerable.Range(0, random.Next(1, 5)).Select(_ => new LayerPatch(
            new(random.Next(model.Layers), random.Next(2) == 0 ? Site.ResidPre : Site.ResidPost),
            randn([random.Next(1, 4), model.HiddenSize], float64))),
    ];
}
