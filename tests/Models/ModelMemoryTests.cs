using Logitscope.Tests.Golden;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

// Counts native tensors of the whole process, so nothing else may run beside it.
[Collection(nameof(Alone))]
public class ModelMemoryTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void A_disposed_model_leaves_nothing_behind(ScalarType dtype)
    {
        var before = NativeMemory.Settled();
        using (var model = TinyModel.Open(dtype))
        {
            Assert.True(NativeMemory.Now > before);
            Use(model);
        }

        Assert.Equal(before, NativeMemory.Now);
    }

    [Fact]
    public void Runs_leave_only_what_they_return()
    {
        using var model = TinyModel.Open();
        Use(model);
        var before = NativeMemory.Settled();
        for (var i = 0; i < 5; i++)
        {
            Use(model);
            Assert.Equal(before, NativeMemory.Now);
        }

        using var ids = zeros([1, 4], int64);
        using (var run = model.Forward(ids, new() { Keep = model.Hooks() }))
        {
            Assert.Equal(before + 1 + 1 + 6, NativeMemory.Now); // ids, logits, residuals
        }

        Assert.Equal(before + 1, NativeMemory.Now);
    }

    [Fact]
    public void Gradients_and_what_they_are_of_are_all_that_a_pass_leaves()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open();
        using var ids = zeros([1, 4], int64);
        var hooks = model.EveryHook();
        var before = NativeMemory.Settled();
        using (NewDisposeScope())
        {
            var run = model.Forward(ids, new() { Gradients = hooks });
            Assert.Equal(before + 1 + hooks.Length, NativeMemory.Now);
            var number = run.Logits[0, -1, 0];
            run.Gradient(number);
            run.Gradient(number);
            Assert.Equal(before + 2 + (3 * hooks.Length), NativeMemory.Now);
        }

        Assert.Equal(before, NativeMemory.Now);
    }

    [Fact]
    public void A_refused_pass_leaves_nothing_behind()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open();
        var (ids, wrong) = (zeros([1, 4], int64), full([1, 4], 1000, int64));
        var vector = zeros([47]);
        var before = NativeMemory.Settled();
        var edit = new Edit(new(2, Site.ResidPost), 0, vector);
        Assert.ThrowsAny<LogitscopeException>(() => model.Forward(ids, new() { Edits = [edit] }));
        Assert.ThrowsAny<LogitscopeException>(() => model.Forward(wrong));
        Assert.Equal(before, NativeMemory.Now);
    }

    [Fact]
    public void A_model_that_does_not_load_is_freed_by_the_collector()
    {
        using var folder = new TemporaryFolder();
        var original = GoldenModel.FolderOf("gptj/one-layer");
        File.Copy(Path.Combine(original, "model.safetensors"), Path.Combine(folder.Path, "model.safetensors"));
        var config = File.ReadAllText(Path.Combine(original, "config.json"));
        folder.Write("config.json", config.Replace("\"n_layer\": 1", "\"n_layer\": 2", StringComparison.Ordinal));
        var before = NativeMemory.Settled();
        Assert.Throws<CheckpointException>(() => LanguageModel.Load(folder.Path, new() { Dtype = float64 }));
        Assert.Equal(before, NativeMemory.Settled());
    }

    private static void Use(LanguageModel model)
    {
        _ = model.Fingerprint;
        model.Generate([1, 2, 3], new() { MaxNewTokens = 5, Temperature = 1 });
        var prompt = model.FromIds([4, 5, 6]);
        new Patchscope(new(model, prompt, 1, ^1), new(model, prompt, 0, 1) { MaxNewTokens = 3 }).Run();
    }
}
