using Logitscope.Tests.Cli;
using Logitscope.Tests.Golden;
using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.Causes;

public class CausalTracingTests
{
    private const int Start = 2, End = 4, Draws = 3;

    private static readonly int[] s_ids = [1, 9, 17, 25, 33, 5];

    // Two whole runs a cell, with what a Patchscope is made of: T = S + noise, l* = l, i* = i.
    [Theory]
    [MemberData(nameof(TinyModel.OfEachForm), MemberType = typeof(TinyModel))]
    public void Every_cell_is_that_of_a_whole_patched_run(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64, name);
        var prompt = model.FromIds(s_ids);
        var noise = NoiseFor(model);
        var spoil = Edit.Add(new(0, Site.ResidPre), noise) with { Positions = [Start, Start + 1] };
        foreach (var (site, window) in new[] { (Site.ResidPost, 1), (Site.AttnOut, 1), (Site.MlpOut, 2), (Site.ResidPost, 3), (Site.AttnOut, 10) })
        {
            var trace = model.Trace(prompt, Start..End, new() { Site = site, Window = window, Noise = noise }, TestContext.Current.CancellationToken);
            var clean = model.Forward(prompt, new() { Keep = [.. Layers(model).Select(layer => new Hook(layer, site))] });
            Assert.Equal(clean.Logits[0, -1].argmax().ToInt64(), trace.Answer.Id);
            Assert.Equal(Probability(clean.Logits), trace.Answer.Probability, 1e-12);
            Assert.Equal(Probability(Run([spoil])), trace.Corrupted.Mean, 1e-12);
            foreach (var (layer, position) in Layers(model).SelectMany(layer => s_ids.Select((_, position) => (layer, position))))
            {
                var around = Layers(model).Where(l => l >= layer - (window / 2) && l < layer - (int)Math.Floor(-window / 2.0));
                var restored = Probability(Run([spoil, .. around.Select(l => Edit.Replace(new(l, site), clean[new(l, site)][0, position], position))]));
                Assert.Equal(restored, trace.Restored[layer][position].Mean, 1e-10);
                Assert.Equal(restored - trace.Corrupted.Mean, trace.Effects[layer][position].Mean, 1e-10);
            }

            Tensor Run(IReadOnlyList<Edit> edits) => model.Forward(prompt.ToTensor().expand(Draws, -1), new() { Edits = edits }).Logits;

            double Probability(Tensor logits) => logits.select(1, -1).softmax(-1).select(-1, trace.Answer.Id).mean().ToDouble();
        }
    }

    [Theory]
    [MemberData(nameof(TinyModel.OfEachFamily), MemberType = typeof(TinyModel))]
    public void The_limiting_cases_are_those_of_the_definition(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64, name);
        var prompt = model.FromIds(s_ids);
        var silent = model.Trace(prompt, Start..End, new() { NoiseScale = 0 }, TestContext.Current.CancellationToken);
        Assert.All(silent.Restored.SelectMany(layer => layer).Append(silent.Corrupted), p => Assert.Equal(silent.Answer.Probability, p.Mean, 1e-12));

        var trace = model.Trace(prompt, Start..End, new() { Seed = 7 }, TestContext.Current.CancellationToken);
        Assert.Equal(trace.Answer.Probability, trace.Restored[^1][^1].Mean, 1e-12); // the last block's last token
        Assert.All(trace.Effects[^1].SkipLast(1), effect => Assert.Equal(0, effect.Mean, 1e-12)); // which nothing else reaches
        Assert.All(trace.Effects, layer => Assert.All(layer.Take(Start), effect => Assert.Equal(0, effect.Mean))); // before the subject
        Assert.NotEqual(trace.Answer.Probability, trace.Corrupted.Mean, 1e-6);

        var again = model.Trace(prompt, Start..End, new() { Seed = 7 }, TestContext.Current.CancellationToken);
        var other = model.Trace(prompt, Start..End, new() { Seed = 8 }, TestContext.Current.CancellationToken);
        Assert.Equal(trace.Corrupted, again.Corrupted);
        Assert.NotEqual(trace.Corrupted, other.Corrupted);
    }

    // Positions that are learned are no part of the embedding that the noise is measured by; Gemma's scale is.
    [Theory]
    [MemberData(nameof(TinyModel.OfEachFamily), MemberType = typeof(TinyModel))]
    public void Noise_is_as_wide_as_the_subjects_token_embeddings(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64, name);
        var table = model.Weights.First(weight => weight.Key.EndsWith("wte.weight") || weight.Key.EndsWith("embed_tokens.weight") || weight.Key.EndsWith("embed_in.weight")).Value;
        var subject = tensor(s_ids[Start..End].Select(id => (long)id).ToArray(), [1, End - Start]);
        var noise = new CausalTraceOptions { Samples = 4000 }.NoiseFor(model, subject);
        Assert.Equal([4000, 2, model.HiddenSize], noise.shape);
        var scale = model is Gemma ? Math.Sqrt(model.HiddenSize) : 1;
        var expected = 3 * scale * table.index_select(0, subject.reshape(-1)).std().ToDouble();
        Assert.InRange(noise.std().ToDouble() / expected, 0.99, 1.01);
        Assert.InRange(noise.mean().ToDouble() / expected, -0.01, 0.01);
    }

    [Theory]
    [InlineData(4, 1, 4, 5)]
    [InlineData(4, 2, 3, 5)]
    [InlineData(4, 3, 3, 6)]
    [InlineData(4, 10, 0, 9)]
    [InlineData(0, 10, 0, 5)]
    [InlineData(9, 10, 4, 10)]
    public void The_window_is_that_of_the_reference(int layer, int window, int first, int end) =>
        Assert.Equal((first, end), Restoration.Window(layer, window, layers: 10));

    [Fact]
    public void What_does_not_fit_is_told()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open();
        var prompt = model.FromIds(s_ids);
        Says("a first token from 0 and an end after it up to 6", 4..9, new());
        Says("got 3:3", 3..3, new());
        Says("a window from 1, 1 to 65536 samples", 2..3, new() { Window = 0 });
        Says("got scores", 2..3, new() { Site = Site.Scores });
        Says("got resid_post, 1, 10 and NaN", 2..3, new() { NoiseScale = double.NaN });
        Says("noise: expected floating-point numbers [2, 1, 48]", 2..3, new() { Noise = zeros(2, 2, 48) });
        Says("noise: expected floating-point numbers [10, 1, 48]", 2..3, new() { Noise = zeros(2, 48) });

        void Says(string message, Range subject, CausalTraceOptions options) => Assert.Contains(
            message, Assert.ThrowsAny<LogitscopeException>(() => model.Trace(prompt, subject, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_subject_is_found_by_its_words()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModel.WithTokenizer(folder);
        var prompt = model.Encode("one two one");
        var (start, end) = prompt.SpanOf("one");
        Assert.Equal(prompt.Count, end); // the last occurrence
        Assert.Contains("one", model.Tokenizer.Decode(prompt.Ids.Take(start..end)), StringComparison.Ordinal);
        Assert.DoesNotContain("one", model.Tokenizer.Decode(prompt.Ids.Take((start + 1)..end)), StringComparison.Ordinal);
        Assert.Equal((0, prompt.Count), (0, prompt.SpanOf("e two o").End <= prompt.Count ? prompt.Count : 0));
        Assert.Throws<PositionException>(() => prompt.SpanOf("three"));
        Assert.Throws<PositionException>(() => prompt.SpanOf(""));
    }

    [Fact]
    public async Task The_command_takes_noise_from_a_file_and_answers_by_layer_and_position()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64);
        var (noise, file) = (NoiseFor(model), folder.PathOf("noise.safetensors"));
        SafetensorsWriter.Write(file, [("noise", noise)]);
        string[] run = ["trace", "--model", GoldenModel.FolderOf("gptj/partial-rotary"), "--dtype", "float64", "--ids", string.Join(',', s_ids), "--json"];
        var json = (await Outcome.Of([.. run, "--subject", "2:4", "--site", "mlp_out", "--window", "2", "--noise", file])).Succeeded().Json;

        var trace = model.Trace(model.FromIds(s_ids), 2..4, new() { Site = Site.MlpOut, Window = 2, Noise = noise }, TestContext.Current.CancellationToken);
        Assert.Equal(trace.Answer.Id, json.GetProperty("answer").GetProperty("id").GetInt32());
        Assert.Equal(trace.Answer.Token, json.GetProperty("answer").GetProperty("token").GetString());
        Assert.Equal(trace.Answer.Probability, json.GetProperty("clean").GetDouble(), 1e-9);
        Assert.Equal(trace.Corrupted.Mean, json.GetProperty("corrupted").GetDouble(), 1e-9);
        Assert.Equal(
            trace.Restored.SelectMany(layer => layer.Select(p => Math.Round(p.Mean, 9))),
            json.GetProperty("restored").EnumerateArray().SelectMany(layer => layer.EnumerateArray().Select(p => Math.Round(p.GetDouble(), 9))));

        (await Outcome.Of([.. run, "--subject", "2:9"])).FailedWith("--subject: expected A:B with A < B <= 6");
        (await Outcome.Of([.. run, "--subject", "2:4", "--noise", file, "--seed", "1"])).FailedWith("got both");
        (await Outcome.Of([.. run, "--subject", "2:3", "--noise", file])).FailedWith("noise: expected floating-point numbers [3, 1, 48]");
        (await Outcome.Of([.. run, "--subject", "2:4", "--site", "scores"])).FailedWith("--site: expected resid_post, attn_out, mlp_out");
        (await Outcome.Of([.. run, "--subject", "2:4", "--noise", "/no/such.safetensors"])).FailedWith("/no/such.safetensors");
    }

    private static IEnumerable<int> Layers(LanguageModel model) => Enumerable.Range(0, model.Layers);

    private static Tensor NoiseFor(LanguageModel model)
    {
        using var generator = new Generator(5, CPU);
        return randn([Draws, End - Start, model.HiddenSize], float64, generator: generator);
    }
}
