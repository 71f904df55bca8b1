using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Patching;

/// <summary>Whatever a mapping gives is checked before libtorch goes on with it, wherever mappings run.</summary>
public sealed class MappingRunTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = TinyModel.Open();

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    public static TheoryData<string> Wrong() => [.. s_wrong.Keys];

    private static readonly Dictionary<string, (Func<Tensor, Tensor> Map, string Words)> s_wrong = new()
    {
        ["width"] = (residual => zeros([.. residual.shape[..^1], 47]), "47]"),
        ["one number"] = (residual => residual.narrow(-1, 0, 1), "1]"),
        ["rank"] = (residual => residual.unsqueeze(0), "got Float32[1, "),
        ["no dimension"] = (residual => residual.sum(), "got Float32[]"),
        ["rows"] = (residual => cat([residual, residual]), "got Float32["),
        ["integers"] = (residual => residual.to(int64), "got Int64"),
        ["complex numbers"] = (residual => residual.to(complex64), "got Complex"),
        ["nothing"] = (_ => null!, "got none"),
        ["disposed"] = (residual =>
        {
            var gone = residual.clone();
            gone.Dispose();
            return gone;
        }, "disposed"),
        ["refused by libtorch"] = (residual => residual.mm(zeros(3, 3)), "mapping 'given' of Float32["),
        ["a device without storage"] = (residual => residual.to(torch.device("meta")), "meta"),
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_vector_is_one_line(string kind)
    {
        var (map, words) = s_wrong[kind];
        var mapping = new Given(map);
        var prompt = _model.FromIds([1, 2, 3]);
        var patchscope = new Patchscope(new(_model, prompt, 1, 1), new(_model, prompt, 1, 1)) { Mapping = mapping };
        Refused(() => patchscope.Run());
        Refused(() => PatchGrid.Run(patchscope, TestContext.Current.CancellationToken));
        foreach (Reading reading in (Reading[])[new Reading.Direct(), new Reading.InSource(1), new Reading.InPrompt(prompt, 1)])
        {
            var technique = new By(reading with { Mapping = mapping });
            Refused(() => _model.Read(prompt, technique, TestContext.Current.CancellationToken));
            Refused(() => Sweep.Run(_model, [new Example("a", null, [1, 2, 3])], new() { Techniques = [technique] }));
        }

        void Refused(Action run)
        {
            var error = Record.Exception(run);
            Assert.IsType<PatchException>(error);
            TinyModel.Says(error, "given", words);
        }
    }

    [Fact]
    public void Another_floating_point_type_is_taken_in_the_targets()
    {
        var prompt = _model.FromIds([1, 2, 3]);
        var patchscope = new Patchscope(new(_model, prompt, 1, 1), new(_model, prompt, 2, 1));
        var widened = patchscope with { Mapping = new Given(residual => residual.to(float64)) };
        Assert.Equal(patchscope.Run().Next.LogProbabilities, widened.Run().Next.LogProbabilities);
    }

    [Fact]
    public void Residuals_given_to_a_wavefront_are_checked()
    {
        using var wavefront = new Wavefront(_model, _model.FromIds([1, 2, 3]), ^1);
        foreach (var wrong in new[] { zeros(2, 47), zeros(48), zeros([2, 48], int64), zeros(0, 48) })
        {
            TinyModel.Says(
                Record.Exception(() => wavefront.Run([new(new(0, Site.ResidPost), wrong)], TestContext.Current.CancellationToken))!,
                "expected");
        }
    }

    private sealed record By(Reading Reading) : NextTokenTechnique
    {
        public override string Name => "by-hand";

        public override Reading ReadingOf(LanguageModel model, int layer) => Reading;
    }

    private sealed record Given(Func<Tensor, Tensor> Map) : Mapping
    {
        public override string Name => "given";

        public override Tensor Apply(Tensor residual) => Map(residual);
    }
}
