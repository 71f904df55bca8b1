using Logitscope.Tests.Cli;
using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.Attributes;

public sealed class ProbeTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // The loss is convex, so that a slope of nothing is its minimum; the slope is autograd's, of the loss as its documentation has it.
    [Fact]
    public void A_probe_is_the_minimum_of_its_loss()
    {
        const double ridge = 0.01;
        var inputs = randn([2, 30, 5], float64, generator: new Generator(1)) * 7 + 3;
        var labels = tensor(Enumerable.Range(0, 30).Select(row => (long)(row * row % 4 % 3)).ToArray());
        var probes = Probe.Fit(inputs, labels, 3, new() { Ridge = ridge, Tolerance = 1e-9 }, TestContext.Current.CancellationToken);
        var weight = probes.Weight.clone().requires_grad_();
        var standard = (inputs - inputs.mean([1], keepdim: true)) / (inputs.var(1, unbiased: false, keepdim: true).sqrt() * Math.Sqrt(5));
        var logits = cat([standard, ones([2, 30, 1], float64)], dim: 2).bmm(weight);
        var loss = (ridge / 2 * weight.square().sum()) + (nn.functional.cross_entropy(logits.reshape(60, 3), labels.repeat(2)) * 2);
        loss.backward();
        Assert.True(weight.grad!.abs().max().item<double>() < 1e-8);
        TinyModel.Close(logits.detach(), probes.Logits(inputs), 1e-12, "logits");
    }

    [Fact]
    public void It_separates_what_can_be_separated_and_says_when_it_cannot_go_on()
    {
        var labels = tensor(Enumerable.Range(0, 12).Select(row => (long)(row % 3)).ToArray());
        var inputs = nn.functional.one_hot(labels, 3).to(float64).unsqueeze(0);
        Assert.Equal(labels.data<long>(), Probe.Fit(inputs, labels, 3, cancellation: TestContext.Current.CancellationToken).Logits(inputs)[0].argmax(-1).data<long>());
        var constant = ones([1, 12, 2], float64); // nothing to read: the most frequent label, no division by nothing
        Assert.True(Probe.Fit(constant, labels, 3, cancellation: TestContext.Current.CancellationToken).Logits(constant).isfinite().all().item<bool>());

        TinyModel.Says(Assert.Throws<FitException>(() => Probe.Fit(inputs, labels, 3, new() { Ridge = 1e-12, Tolerance = 1e-12, Steps = 20 }, cancellation: TestContext.Current.CancellationToken)), "within 20 steps", "larger ridge");
        TinyModel.Says(Assert.Throws<FitException>(() => Probe.Fit(inputs, labels, 3, new() { Ridge = 0 }, cancellation: TestContext.Current.CancellationToken)), "ridge above 0");
        TinyModel.Says(Assert.Throws<FitException>(() => Probe.Fit(inputs[0], labels, 3, cancellation: TestContext.Current.CancellationToken)), "[layers, rows, hidden]");
        TinyModel.Says(Assert.Throws<FitException>(() => Probe.Fit(inputs, labels.narrow(0, 0, 11), 3, cancellation: TestContext.Current.CancellationToken)), "[11]");
        Assert.Throws<OperationCanceledException>(() => Probe.Fit(inputs, labels, 3, cancellation: new CancellationToken(canceled: true)));
    }

    // Labels that a token gives away are read; the same labels shuffled are not.
    [Fact]
    public void Cross_validation_tests_subjects_that_no_probe_has_seen()
    {
        using var model = TinyModel.Open();
        var random = new Random(5);
        SubjectRow[] rows = [.. Enumerable.Range(0, 40).Select(s => new SubjectRow(
            model.FromIds([random.Next(60), s % 2 == 0 ? 11 : 44]), 1, new($"s{s}", "o"), s, s % 2))];
        var (scores, shuffled) = Probe.CrossValidate(model, new AttributeSplit(rows), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(1, scores.AtChosen.Mean);
        Assert.InRange(shuffled.AtChosen.Mean, 0, 0.85);
        Assert.Equal(model.Layers, scores.Layers.Count);
    }

    [Fact]
    public async Task The_command_answers_with_shares_and_controls()
    {
        using var folder = new TemporaryFolder();
        var json = (await Outcome.Of("probe", "--relation", AtlasRelation.Some(folder, 12), "--json")).Succeeded().Json;
        Assert.Equal(["probe", "probe, shuffled labels", "majority"], json.GetProperty("scores").EnumerateArray().Select(one => one.GetProperty("method").GetString()));
        Assert.Equal(2 * json.GetProperty("known").GetInt32(), json.GetProperty("rows").GetInt32());
        (await Outcome.Of("probe", "--relation", AtlasRelation.Some(folder, 12), "--ridge", "0")).FailedWith("ridge above 0");
    }

    [Theory]
    [InlineData("country.captial", "did you mean 'country.capital'?")]
    [InlineData("nothing", "expected a .json file or one of")]
    [InlineData("nothing.json", "nothing.json")]
    public async Task A_relation_that_is_not_there_is_told_by_name(string relation, string words) =>
        (await Outcome.Of("probe", "--relation", relation)).FailedWith(words);
}
