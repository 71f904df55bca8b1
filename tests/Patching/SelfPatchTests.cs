using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Patching;

/// <summary>A residual put back where it came from must not change a bit.</summary>
public class SelfPatchTests
{
    public static MatrixTheoryData<string, ScalarType> FormsAndTypes() => new(
        OfEachForm().Select(row => row.Data), [ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16]);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void It_is_no_change_at_every_layer_position_and_site(ScalarType dtype)
    {
        using var model = Open(dtype);
        var prompt = model.FromIds(model.RandomIds(7, seed: 1));
        foreach (var hook in model.Hooks())
        {
            for (var position = 0; position < prompt.Count; position++)
            {
                var result = new Patchscope(
                    new(model, prompt, hook.Layer, position, hook.Site),
                    new(model, prompt, hook.Layer, position, hook.Site)).Run();
                Assert.True(result.Change.IsNone, $"{hook} at {position}: {result.Change}");
                Assert.Equal((0, 0), (result.Change.MaxLogit, result.Change.TotalVariation));
                Assert.Equal(result.Change.Before, result.Change.After);
            }
        }
    }

    [Theory]
    [MemberData(nameof(FormsAndTypes))]
    public void Every_logit_keeps_its_bits_also_with_all_edits_at_once(string name, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var model = Open(dtype, name);
        var ids = model.Tensor(model.RandomIds(7, seed: 2));
        var own = model.Forward(ids, new() { Keep = model.EveryHook() });
        Edit[] edits =
        [
            .. own.Residuals.Select(kept => Edit.Replace(kept.Key, kept.Value)),
            .. own.Residuals.SelectMany(kept => Enumerable.Range(0, 7).Select(
                position => new Edit(kept.Key, position, kept.Value.select(-2, position).clone()))),
        ];
        foreach (var edit in edits)
        {
            var patched = model.Forward(ids, new() { Edits = [edit] });
            Identical(own.Logits, patched.Logits, $"{edit} at {edit.Positions?[0]}");
        }

        Identical(own.Logits, model.Forward(ids, new() { Edits = edits }).Logits, "all edits at once");
    }
}
