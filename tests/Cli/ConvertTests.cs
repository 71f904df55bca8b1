using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Logitscope.Cli.Commands;
using Logitscope.Tests.Checkpoints;
using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Cli;

/// <summary><c>convert</c> and <c>inspect</c> on every format, as a user types them.</summary>
public sealed class ConvertTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string Out => _folder.PathOf("out");

    public static TheoryData<string> Models() => [.. TorchFiles.Models()];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Every_format_converts_to_the_same_model(string source)
    {
        (await Outcome.Of("convert", source, Out)).Succeeded();
        using var expected = LanguageModel.Load(source);
        using var got = LanguageModel.Load(Out);
        Assert.Equal(expected.Fingerprint, got.Fingerprint);
        Assert.Equal([Path.Combine(Out, "model.safetensors")], CheckpointFile.OpenFolder(Out).Files);
        Assert.All(Directory.EnumerateFiles(Out), file => Assert.False(file.EndsWith(".index.json", StringComparison.Ordinal)));
        Assert.Equal([Out], Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.Equal(expected.Weights.Keys.Order(), SafetensorsFile.Open(Path.Combine(Out, "model.safetensors")).Entries.Keys.Order());
    }

    [Theory]
    [InlineData("bfloat16", ScalarType.BFloat16)]
    [InlineData("float16", ScalarType.Float16)]
    [InlineData("float64", ScalarType.Float64)]
    public async Task A_conversion_to_another_type_rounds_as_torch_does_and_says_so_in_the_config(string name, ScalarType type)
    {
        var source = TorchFiles.Committed("pytorch");
        (await Outcome.Of("convert", source, Out, "--dtype", name)).Succeeded();
        using var model = LanguageModel.Load(source);
        var file = SafetensorsFile.Open(Path.Combine(Out, "model.safetensors"));
        Assert.Equal(model.Weights.Keys.Order(), file.Entries.Keys.Order());
        foreach (var (weight, value) in model.Weights)
        {
            Identical(value.to(type), file.Read(weight), weight);
        }

        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Out, "config.json")))!;
        Assert.Equal(name, (string?)config["torch_dtype"]);
        Assert.Equal(24, (int?)config["n_embd"]);
    }

    [Fact]
    public async Task Bfloat16_rounds_half_to_even()
    {
        // Half-way between two bfloat16 numbers, down and up to the even one; just above half-way; the same below zero.
        uint[] bits = [0x3F80_8000, 0x3F81_8000, 0x3F80_8001, 0xBF80_8000, 0x3F80_7FFF];
        var values = bits.Select(BitConverter.UInt32BitsToSingle).ToArray();
        _folder.Write("src/config.json", "{}");
        SafetensorsWriter.Write(_folder.PathOf("src", "model.safetensors"), [("w", tensor(values))]);
        (await Outcome.Of("convert", _folder.PathOf("src"), Out, "--dtype", "bfloat16")).Succeeded();
        var written = SafetensorsFile.Open(Path.Combine(Out, "model.safetensors")).Read("w").bytes.ToArray();
        Assert.Equal([0x3F80, 0x3F82, 0x3F81, 0xBF80, 0x3F80], MemoryMarshal.Cast<byte, ushort>(written).ToArray());
    }

    [Fact]
    public async Task Tokenizer_files_come_along()
    {
        var source = Repository.File("data", "tiny-gptj");
        (await Outcome.Of("convert", source, Out, "--dtype", "bfloat16")).Succeeded();
        Assert.Equal(File.ReadAllBytes(Path.Combine(source, "merges.txt")), File.ReadAllBytes(Path.Combine(Out, "merges.txt")));
        using var model = LanguageModel.Load(Out);
        Assert.Equal(" France", model.Tokenizer.Decode(model.Encode(" France", Logitscope.Bos.Never).Ids));
    }

    [Fact]
    public async Task Nothing_is_overwritten()
    {
        Directory.CreateDirectory(Out);
        (await Outcome.Of("convert", TorchFiles.Committed("pytorch"), Out)).FailedWith("not there yet");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Out));
    }

    [Fact]
    public async Task NaN_is_refused_by_name_and_leaves_nothing_unless_allowed()
    {
        _folder.Write("src/config.json", "{}");
        SafetensorsWriter.Write(_folder.PathOf("src", "model.safetensors"), [("a", ones([3])), ("b", tensor([1f, float.NaN]))]);
        (await Outcome.Of("convert", _folder.PathOf("src"), Out)).FailedWith("tensor 'b': expected finite Float32 numbers, got NaN at [1]");
        Assert.Equal([_folder.PathOf("src")], Directory.EnumerateFileSystemEntries(_folder.Path));
        (await Outcome.Of("convert", _folder.PathOf("src"), Out, "--allow-nonfinite")).Succeeded();
    }

    [Fact]
    public void A_conversion_that_is_stopped_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var stopper = new Stopper(stop);
        Assert.Throws<OperationCanceledException>(() => Conversion.Run(TorchFiles.Committed("pytorch"), Out, null, stopper, stop.Token));
        Assert.Equal(1, stopper.Reports);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("", "expected JSON")]
    [InlineData("[]", "expected a JSON object")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{\"a\":1,\"a\":2}", "expected each field once")]
    public async Task A_config_that_cannot_be_written_again_is_refused(string config, string words)
    {
        _folder.Write("src/config.json", config);
        (await Outcome.Of("convert", _folder.PathOf("src"), Out, "--dtype", "bfloat16")).FailedWith(words);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Inspect_says_what_is_stored(string source)
    {
        var facts = (await Outcome.Of("inspect", "--model", source, "--json")).Succeeded().Json;
        var stored = facts.GetProperty("stored");
        var parameters = facts.GetProperty("parameters").GetInt64();
        Assert.Equal(parameters, stored.GetProperty("parameters").GetInt64());
        Assert.Equal(parameters, stored.GetProperty("dtypes").GetProperty("float32").GetInt64());
        Assert.Equal(2 * parameters, stored.GetProperty("memory").GetProperty("bfloat16").GetInt64());
        var checkpoint = CheckpointFile.OpenFolder(source);
        Assert.Equal(checkpoint.Format, stored.GetProperty("format").GetString());
        Assert.Equal(checkpoint.Files.Count, stored.GetProperty("files").GetArrayLength());
        Assert.InRange(stored.GetProperty("bytes").GetInt64(), 4 * parameters, 8 * parameters);
        Assert.Contains(checkpoint.Format, (await Outcome.Of("inspect", "--model", source)).Succeeded().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kinds.bin", "PyTorch")]
    [InlineData("kinds.safetensors", "safetensors")]
    public async Task Inspect_takes_one_file_too(string file, string format)
    {
        var facts = (await Outcome.Of("inspect", "--model", TorchFiles.Committed(file), "--json")).Succeeded().Json;
        Assert.Equal(format, facts.GetProperty("format").GetString());
        Assert.Equal(25, facts.GetProperty("tensors").GetInt32());
        Assert.Equal(5 + 48, facts.GetProperty("dtypes").GetProperty("float16").GetInt64() + 24);
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<ConversionProgress>
    {
        public int Reports { get; private set; }

        public void Report(ConversionProgress value)
        {
            Reports++;
            stop.Cancel();
        }
    }
}
