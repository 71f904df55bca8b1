using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Logitscope.Cli.Explorer;
using Logitscope.Tests.Models;

namespace Logitscope.Tests.Cli.Explorer;

/// <summary>The explorer's questions over HTTP: the library's numbers, and nobody else's requests.</summary>
public sealed class ExplorerServerTests : IAsyncLifetime
{
    private readonly LanguageModel _model = LanguageModel.Load();
    private readonly HttpClient _client = new();
    private ExplorerServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ExplorerServer.Start(_model, port: 0);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _client.Dispose();
        _model.Dispose();
    }

    [Theory]
    [InlineData("logit-lens", 0, 1)]
    [InlineData("token-identity", 0, 1)]
    [InlineData("logitscope", 1, 2)]
    [InlineData("logit-lens", 0, 1, "mlp_out")]
    [InlineData("logitscope", 1, 2, "resid_pre")]
    public async Task A_reading_is_the_lens(string method, int shift, double scale, string site = "resid_post")
    {
        const string text = "The capital of France is";
        var answer = await Ask("read", new { prompt = new { text, bos = true }, method, shift, scale, site });
        var technique = NextTokenTechnique.Named(method);
        if (technique is PromptTechnique prompt && shift > 0)
        {
            technique = prompt with
            {
                TargetLayer = layer => Math.Min(layer + shift, _model.Layers - 1),
                Mapping = Mapping.Of("scale", residual => residual * scale),
            };
        }

        var lens = _model.Read(text, technique.From(Sites.ByName[site]));
        Assert.Equal(lens.Prompt.Ids, answer.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("id").GetInt32()));
        foreach (var cell in lens.Cells)
        {
            var (ids, logs) = (At(answer, "ids", cell), At(answer, "milli_nats", cell));
            Assert.Equal(cell.Top.Select(top => top.Id), ids);
            foreach (var (top, log) in cell.Top.Zip(logs))
            {
                Assert.Equal(-1000 * Math.Log(top.Probability), log, 1.0);
            }

            Assert.Equal(cell.Entropy, answer.GetProperty("entropy")[cell.Layer][cell.Position].GetDouble(), 1e-3);
        }

        var logits = _model.Forward(lens.Prompt).Logits[0].argmax(-1);
        Assert.Equal(logits.data<long>().ToArray().Select(id => (int)id), answer.GetProperty("own").EnumerateArray().Select(id => id.GetInt32()));

        static int[] At(JsonElement answer, string name, LensCell cell) => [.. answer.GetProperty(name)[cell.Layer][cell.Position].EnumerateArray().Select(one => one.GetInt32())];
    }

    [Fact]
    public async Task A_followed_token_has_its_rank_and_probability_in_every_cell()
    {
        var prompt = _model.Encode("The capital of France is");
        var paris = _model.Encode(" Paris", Bos.Never).Ids[0];
        var answer = await Ask("pin", new { read = new { prompt = new { ids = prompt.Ids }, method = "logit-lens" }, pins = new[] { paris, 7 } });
        var run = _model.Forward(prompt, new() { Keep = [.. Enumerable.Range(0, _model.Layers).Select(layer => new Hook(layer, Site.ResidPost))] });
        for (var layer = 0; layer < _model.Layers; layer++)
        {
            var next = new NextTokenDistribution(_model.Unembed(run[new(layer, Site.ResidPost)])[0, -1], prompt.Tokenizer);
            Assert.Equal(-1000 * next.LogProbabilities[paris], answer[0].GetProperty("milli_nats")[layer][prompt.Count - 1].GetInt32(), 1.0);
            Assert.Equal(next.LogProbabilities.Count(other => other > next.LogProbabilities[paris]), answer[0].GetProperty("ranks")[layer][prompt.Count - 1].GetInt32());
        }

        Assert.Equal(0, answer[0].GetProperty("ranks")[_model.Layers - 1][prompt.Count - 1].GetInt32());
    }

    [Theory]
    [InlineData("resid_post")]
    [InlineData("attn_out")]
    public async Task A_patch_is_a_patchscope(string site)
    {
        var (source, target) = (_model.Encode("The capital of France is"), _model.Encode("?"));
        var answer = await Ask("patch", new
        {
            source = new { prompt = new { ids = source.Ids }, layer = 5, position = 5 },
            target = new { prompt = new { ids = target.Ids }, layer = 5, position = 1 },
            new_tokens = 4,
            site,
        });
        var place = Sites.ByName[site];
        var result = new Patchscope(new Source(_model, source, 5, ^1) { Site = place }, new Target(_model, target, 5, ^1) { Site = place, MaxNewTokens = 4 }).Run();
        Assert.Equal(result.Next.Top(5).Select(top => top.Id), answer.GetProperty("next").EnumerateArray().Select(top => top.GetProperty("id").GetInt32()));
        Assert.Equal(result.GeneratedText, answer.GetProperty("text").GetString());
        Assert.Equal(result.Change.Kl, answer.GetProperty("kl").GetDouble(), 1e-6);
        Assert.Equal(site == "resid_post", answer.GetProperty("text").GetString() != answer.GetProperty("plain_text").GetString()); // attention's part alone is not enough here
    }

    [Theory]
    [InlineData("read", """{"prompt": {"text": "a"}, "method": "nothing"}""", "method: expected one of")]
    [InlineData("read", """{"prompt": {"text": "a", "bos": false}, "method": "logit-lens", "shift": 1}""", "no layer shift")]
    [InlineData("read", """{"prompt": {"ids": [99999]}, "method": "logit-lens"}""", "99999")]
    [InlineData("read", """{"prompt": {"ids": []}, "method": "logit-lens"}""", "expected 1 to 512 tokens, got 0")]
    [InlineData("read", """{"prompt": null, "method": "logit-lens"}""", "JSON")]
    [InlineData("read", """{"method": "logit-lens"}""", "JSON")]
    [InlineData("read", "[1]", "JSON")]
    [InlineData("read", "", "JSON")]
    [InlineData("read", """{"prompt": {"text": "a"}, "method": "logitscope", "scale": 1e999}""", "a scale: expected a number")]
    [InlineData("read", """{"prompt": {"text": "a"}, "method": "logit-lens", "site": "heads"}""", "a site: expected one as wide")]
    [InlineData("read", """{"prompt": {"text": "a"}, "method": "logit-lens", "site": "resid_mid"}""", "resid_mid")]
    [InlineData("pin", """{"read": {"prompt": {"text": "a"}, "method": "logit-lens"}, "pins": []}""", "1 to 12 ids")]
    [InlineData("pin", """{"read": {"prompt": {"text": "a"}, "method": "logit-lens"}, "pins": [-1]}""", "got -1")]
    [InlineData("patch", """{"source": {"prompt": {"text": "a"}, "layer": 99, "position": 0}, "target": {"prompt": {"text": "a"}, "layer": 0, "position": 0}}""", "99")]
    [InlineData("patch", """{"source": {"prompt": {"text": "a"}, "layer": 0, "position": 50}, "target": {"prompt": {"text": "a"}, "layer": 0, "position": 0}}""", "50")]
    [InlineData("patch", """{"source": {"prompt": {"text": "a"}, "layer": 0, "position": 0}, "target": {"prompt": {"text": "a"}, "layer": 0, "position": 0}, "new_tokens": 1000}""", "expected 0 to 64")]
    public async Task A_question_that_is_none_is_answered_in_one_line(string path, string question, string words)
    {
        using var answer = await Send(path, question);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("error").GetString()!;
        Assert.Contains(words, error);
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData("Host", "evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("Host", "127.0.0.1:1", HttpStatusCode.MisdirectedRequest)]
    [InlineData("Origin", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("X-Logitscope-Token", "", HttpStatusCode.Forbidden)]
    [InlineData("X-Logitscope-Token", "0123456789abcdef", HttpStatusCode.Forbidden)]
    public async Task Another_pages_question_is_refused(string header, string value, HttpStatusCode status)
    {
        using var request = Request("model", HttpMethod.Get);
        request.Headers.Remove(header);
        request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Only_what_there_is_is_served_and_only_on_this_machine()
    {
        Assert.Equal("127.0.0.1", _server.Address.Host);
        foreach (var path in new[] { "", "explorer.css", "explorer.js", "grid.js", "export.js", "favicon.ico" })
        {
            using var page = await _client.GetAsync(new Uri(_server.Address, path), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single());
            Assert.True((await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Length > 100);
        }

        foreach (var path in new[] { "page.css", "../Program.cs", "index.html", "api/nothing" })
        {
            using var request = Request("model", HttpMethod.Get);
            request.RequestUri = new Uri(_server.Address, path);
            using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        using var large = await Send("read", new string(' ', 300_000));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.DoesNotContain(_server.Token, await _client.GetStringAsync(_server.Address, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_question_that_is_given_up_frees_the_next()
    {
        var text = string.Concat(Enumerable.Repeat("The capital of France is Paris. ", 60));
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var long0 = _client.SendAsync(Request("read", HttpMethod.Post, JsonSerializer.Serialize(new { prompt = new { text }, method = "token-identity" })), soon.Token);
        await soon.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => long0);
        var answer = await Ask("read", new { prompt = new { text = "a" }, method = "logit-lens" });
        Assert.Equal(2, answer.GetProperty("tokens").GetArrayLength());
    }

    private async Task<JsonElement> Ask(string path, object question)
    {
        using var answer = await Send(path, JsonSerializer.Serialize(question));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    private Task<HttpResponseMessage> Send(string path, string question) =>
        _client.SendAsync(Request(path, HttpMethod.Post, question), TestContext.Current.CancellationToken);

    private HttpRequestMessage Request(string path, HttpMethod method, string? question = null)
    {
        var request = new HttpRequestMessage(method, new Uri(_server.Address, $"api/{path}"));
        request.Headers.Add("X-Logitscope-Token", _server.Token);
        request.Content = question is null ? null : new StringContent(question, Encoding.UTF8, "application/json");
        return request;
    }
}
