using System.Globalization;
using System.Text.Json.Nodes;
using Logitscope.Tests.Golden;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

public class FingerprintTests
{
    [Fact]
    public void A_model_loaded_twice_has_one_fingerprint()
    {
        using var first = TinyModel.Open();
        using var second = TinyModel.Open();
        Assert.Matches("^[0-9a-f]{64}$", first.Fingerprint);
        Assert.Equal(first.Fingerprint, second.Fingerprint);
    }

    [Fact]
    public void Every_weight_counts()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64); // not the mapped file, so that it can be written
        HashSet<string> fingerprints = [Fingerprint.Of(model)];
        foreach (var weight in model.Weights.Values)
        {
            weight.reshape(-1).narrow(0, weight.NumberOfElements / 2, 1).mul_(1.001);
            Assert.True(fingerprints.Add(Fingerprint.Of(model)));
        }

        Assert.Equal(1 + 5 + (3 * 10), fingerprints.Count);
    }

    // Larger than a piece that is hashed at once, and the numbers that change lie at the ends of the pieces and between.
    [Theory]
    [InlineData(ScalarType.Float32, 4)]
    [InlineData(ScalarType.BFloat16, 2)]
    public void Every_number_counts(ScalarType type, int width)
    {
        using var scope = NewDisposeScope();
        var (piece, count) = ((16 << 20) / width, ((16 << 20) / width * 2) + 12345);
        var weight = ones([count], type);
        HashSet<string> fingerprints = [Fingerprint.Of(weight)];
        foreach (var at in new[] { 0, 1, 4096, piece / 3, piece - 1, piece, (2 * piece) - 1, 2 * piece, count - 4097, count - 1 })
        {
            weight.narrow(0, at, 1).mul_(2);
            Assert.True(fingerprints.Add(Fingerprint.Of(weight)), $"number {at}");
        }

        Assert.Equal(Fingerprint.Of(weight), Fingerprint.Of(weight.clone()));
        Assert.NotEqual(Fingerprint.Of(weight), Fingerprint.Of(weight.reshape(1, -1)));
    }

    [Fact]
    public void It_is_taken_anew_each_time()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64);
        var before = model.Fingerprint;
        model.Weights["transformer.h.1.mlp.fc_out.weight"].select(0, 5).zero_();
        Assert.NotEqual(before, model.Fingerprint);
    }

    [Fact]
    public void It_is_the_same_under_every_culture()
    {
        using var model = TinyModel.Open();
        var here = model.Fingerprint;
        CultureInfo.CurrentCulture = TinyModel.WithDecimalComma; // of this test alone
        Assert.Equal(here, model.Fingerprint);
    }

    [Fact]
    public void The_element_type_counts()
    {
        using var single = TinyModel.Open(float32);
        using var half = TinyModel.Open(bfloat16);
        Assert.NotEqual(single.Fingerprint, half.Fingerprint);
    }

    // The same weights under other settings are another model.
    [Theory]
    [InlineData("n_head", 6)]
    [InlineData("rotary_dim", 4)]
    [InlineData("layer_norm_epsilon", 0.5)]
    public void What_the_config_says_beside_the_shapes_counts(string field, double value)
    {
        using var folder = new TemporaryFolder();
        var original = GoldenModel.FolderOf("gptj/partial-rotary");
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(original, "config.json")))!.AsObject();
        config[field] = value;
        folder.Write("config.json", config.ToJsonString());
        File.Copy(Path.Combine(original, "model.safetensors"), Path.Combine(folder.Path, "model.safetensors"));
        using var other = LanguageModel.Load(folder.Path);
        using var model = TinyModel.Open();
        Assert.NotEqual(model.Fingerprint, other.Fingerprint);
    }
}
