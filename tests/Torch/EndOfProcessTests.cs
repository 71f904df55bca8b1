using System.Diagnostics;
using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Torch;

/// <summary>What ends a process in libtorch ends none through this library: each kind has a process of its own.</summary>
public class EndOfProcessTests
{
    public static TheoryData<string> Kinds() =>
        [.. typeof(FatalInputs).GetMethods().Where(method => method.DeclaringType == typeof(FatalInputs)).Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task The_process_goes_on(string kind) => OwnProcess.Passes(typeof(FatalInputs), kind);
}

/// <summary>Tests that need a process of their own.</summary>
internal static class OwnProcess
{
    /// <summary>Runs one explicit test, which must pass.</summary>
    /// <param name="type">Its class.</param>
    /// <param name="method">Its name.</param>
    /// <param name="variables">What the environment says otherwise; null takes a variable away.</param>
    public static async Task Passes(Type type, string method, params (string Name, string? Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet",
            [type.Assembly.Location, "-noLogo", "-noColor", "-explicit", "only", "-method", $"{type.FullName}.{method}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {output}{await error}");
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }
}

/// <summary>Run by <see cref="EndOfProcessTests"/> alone.</summary>
public sealed class FatalInputs
{
    [Fact(Explicit = true)]
    public void Memory_that_is_not_there_inside_attention()
    {
        using var scope = NewDisposeScope();
        var many = zeros(1, 1, 1 << 21, 1);
        Assert.IsType<TorchOutOfMemoryException>(TorchRuntime.ErrorOf(Record.Exception(() => Attention.Causal(0, many, many, many, new Pass()))!));
        GoesOn();
    }

    [Fact(Explicit = true)]
    public void Keys_and_queries_that_do_not_fit()
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = (zeros(1, 2, 3, 4), zeros(1, 2, 3, 5));
        Assert.NotNull(TorchRuntime.ErrorOf(Record.Exception(() => Attention.Causal(0, queries, keys, keys, new Pass()))!));
        Assert.NotNull(TorchRuntime.ErrorOf(Record.Exception(() => Attention.Causal(0, queries, queries.to(float64), queries, new Pass()))!));
        GoesOn();
    }

    [Fact(Explicit = true)]
    public void A_pass_larger_than_the_memory()
    {
        using var model = TinyModel.Open();
        Refused(() => model.Forward(zeros([1, 32], int64).expand(1 << 24, 32)));
        Refused(() => model.Forward(zeros([1, 32], int64).expand(1 << 30, 32), new() { Logits = LogitsOf.NoPosition }));
        GoesOn();
    }

    [Fact(Explicit = true)]
    public void A_wrong_vector_of_a_mapping()
    {
        using var model = TinyModel.Open();
        var prompt = model.FromIds([1, 2, 3]);
        foreach (Func<Tensor, Tensor> map in (Func<Tensor, Tensor>[])
            [residual => residual.narrow(-1, 0, 47), residual => residual.unsqueeze(0), residual => residual.to(int64), residual => residual.sum(), residual => residual.to(complex64)])
        {
            var patchscope = new Patchscope(new(model, prompt, 1, 1), new(model, prompt, 1, 1) { MaxNewTokens = 2 }) { Mapping = new Given(map) };
            Refused(() => patchscope.Run());
            Refused(() => PatchGrid.Run(patchscope));
        }

        GoesOn();
    }

    [Fact(Explicit = true)]
    public void Ids_that_are_not_the_models()
    {
        using var model = TinyModel.Open();
        Refused(() => model.Forward(tensor(new long[] { 99999 }, [1, 1])));
        Refused(() => model.Forward(tensor(new long[] { long.MinValue }, [1, 1])));
        Refused(() => model.Forward(tensor(new[] { 1f }, [1, 1])));
        Refused(() => model.Generate([int.MaxValue], new()));
        GoesOn();
    }

    [Fact(Explicit = true)]
    public void What_was_disposed()
    {
        using var scope = NewDisposeScope();
        var model = TinyModel.Open();
        var (prompt, ids) = (model.FromIds([1, 2]), model.Tensor(1, 2));
        var run = model.Forward(ids, new() { Keep = [new(0, Site.ResidPost)] });
        var kept = run.Residuals[new(0, Site.ResidPost)];
        run.Dispose();
        Refused(() => model.Forward(ids, new() { Edits = [new(new(0, Site.ResidPost), 0, kept)] }));
        Assert.NotNull(TorchRuntime.ErrorOf(Record.Exception(() => model.Unembed(kept))!));
        model.Dispose();
        Refused(() => model.Forward(ids));
        Refused(() => model.Generate([1], new()));
        Refused(() => new Patchscope(new(model, prompt, 0, 0), new(model, prompt, 0, 0)).Run());
        GoesOn();
    }

    private static void Refused(Action run) => TinyModel.Says(Record.Exception(run)!);

    private static void GoesOn() => Assert.Equal(2, ones(2).sum().item<float>());

    private sealed record Given(Func<Tensor, Tensor> Map) : Mapping
    {
        public override string Name => "given";

        public override Tensor Apply(Tensor residual) => Map(residual);
    }
}
