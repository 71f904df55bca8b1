using System.Globalization;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Patching;

public class MappingTests
{
    [Fact]
    public void A_function_is_applied_under_its_name()
    {
        using var scope = NewDisposeScope();
        var twice = Mapping.Of("twice", residual => residual * 2, ("factor", 2));
        Assert.Equal("twice", twice.Name);
        Assert.Equal([2f, 4f], twice.Apply(tensor([1f, 2f])).data<float>().ToArray());
        Assert.Equal("identity()", Mapping.Identity.Describe());
    }

    [Fact]
    public void What_decides_it_tells_it_from_others()
    {
        using var scope = NewDisposeScope();
        var vector = tensor([1f, 2f, 3f]);
        var changed = tensor([1f, 2f, 3.0000002f]);
        string?[] all =
        [
            Describe(("a", 1)), Describe(("a", 2)), Describe(("b", 1)), Describe(("a", 1.5)), Describe(("a", "1")), Describe(("a", true)),
            Describe(("a", vector)), Describe(("a", changed)), Describe(("a", vector.to(float64))), Describe(("a", vector.unsqueeze(0))),
            Describe(("a", new[] { 1, 2 })), Describe(("a", new[] { 1 }), ("b", 2)), Describe(("a", new[] { vector, changed })),
        ];
        Assert.All(all, Assert.NotNull);
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(Describe(("a", vector)), Describe(("a", vector.clone())));
    }

    [Fact]
    public void It_is_told_alike_under_every_culture()
    {
        var here = Describe(("a", 1.5));
        CultureInfo.CurrentCulture = WithDecimalComma; // of this test alone
        Assert.Equal(here, Describe(("a", 1.5)));
        Assert.Contains("1.5", here, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_parameters_it_says_nothing_and_one_that_cannot_be_told_is_refused()
    {
        Assert.Null(Mapping.Of("f", residual => residual).Describe());
        Says(Assert.Throws<PatchException>(() => Describe(("a", new object()))), "mapping 'f': parameter 'a'", "got Object");
    }

    private static string? Describe(params (string, object)[] parameters) => Mapping.Of("f", residual => residual, parameters).Describe();
}
