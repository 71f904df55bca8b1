using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Logitscope.Cli.Hub;

namespace Logitscope.Tests.Cli.Hub;

/// <summary>Whatever the server does, a file under its own name is the right one, or is not there.</summary>
public sealed class HostileHubTests : IDisposable
{
    private readonly FakeHub _hub = new();
    private readonly TemporaryFolder _folder = new();

    private byte[] Weights => _hub.Files[FakeHub.Weights];

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_body_that_is_cut_goes_on_where_it_broke_off()
    {
        OnWeights(request => Right(request) with { BreaksAfter = 400 });
        await _hub.DownloadAsync(_folder);
        AssertRight();
        Assert.Contains((400, 999), _hub.Ranges);
        Assert.Contains((1800, 1999), _hub.Ranges);
    }

    [Fact]
    public async Task A_body_that_is_always_cut_at_once_is_given_up()
    {
        OnWeights(request => Right(request) with { BreaksAfter = 0 });
        await AssertRefusedAsync("gave up after 4 attempts");
    }

    [Fact]
    public async Task A_reset_connection_is_tried_again()
    {
        OnWeights(Once(request => Right(request) with { BreaksAfter = 5, Resets = true }));
        await _hub.DownloadAsync(_folder);
        AssertRight();
    }

    [Fact]
    public async Task A_stalled_body_is_tried_again()
    {
        _hub.Options = _hub.Options with { IdleTimeout = TimeSpan.FromSeconds(0.3) };
        OnWeights(Once(request => Right(request) with { BreaksAfter = 500, Stalls = true }));
        await _hub.DownloadAsync(_folder);
        AssertRight();
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        _hub.Options = _hub.Options with { IdleTimeout = TimeSpan.FromSeconds(0.1), Attempts = 2 };
        OnWeights(request => Right(request) with { Silent = true });
        await AssertRefusedAsync("gave up after 2 attempts: nothing came for 0.1 s");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_given_up()
    {
        _hub.Dispose();
        await AssertRefusedAsync("gave up after 4 attempts: Connection refused");
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_passing_failure_is_tried_again_a_bounded_number_of_times(int status)
    {
        _hub.Mischief = Once(_ => new HostileAnswer(status));
        await _hub.DownloadAsync(_folder);
        AssertRight();
        using var other = new TemporaryFolder();
        var before = _hub.Requests.Count;
        _hub.Mischief = _ => new HostileAnswer(status);
        Assert.Contains($"answers {status}", await _hub.FailAsync(other), StringComparison.Ordinal);
        Assert.Equal(_hub.Options.Attempts, _hub.Requests.Count - before);
    }

    [Fact]
    public async Task Retry_after_is_waited_for()
    {
        _hub.Mischief = Once(_ => new HostileAnswer(429).With("Retry-After", "1"));
        var watch = Stopwatch.StartNew();
        await _hub.DownloadAsync(_folder);
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(0.95), $"waited {watch.Elapsed}");
    }

    [Fact]
    public async Task A_wait_of_hours_is_told_instead()
    {
        OnWeights(_ => new HostileAnswer(429).With("Retry-After", "7200"));
        await AssertRefusedAsync("asks to come back in 7,200 s");
    }

    [Theory]
    [InlineData(401, "set HF_TOKEN")]
    [InlineData(403, "set HF_TOKEN")]
    [InlineData(404, "no such repository")]
    [InlineData(204, "got status 204")]
    [InlineData(416, "got status 416")]
    public async Task A_refusal_is_told_at_once(int status, string words)
    {
        _hub.Mischief = _ => new HostileAnswer(status).With("X-Error-Message", "no\e[31m way");
        var message = await _hub.FailAsync(_folder);
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.Contains(@"no\u001B[31m way", message, StringComparison.Ordinal);
        Assert.Single(_hub.Requests);
    }

    [Fact]
    public async Task The_token_stays_with_the_hub()
    {
        using var elsewhere = new HostileServer(Right);
        _hub.Options = _hub.Options with { Token = "secret" };
        OnWeights(_ => new HostileAnswer(302).With("Location", $"{elsewhere.Address}signed?for=you"));
        await _hub.DownloadAsync(_folder);
        AssertRight();
        Assert.All(_hub.Requests, request => Assert.Equal("Bearer secret", request.Headers["Authorization"]));
        Assert.NotEmpty(elsewhere.Requests);
        Assert.All(elsewhere.Requests, request => Assert.DoesNotContain("Authorization", request.Headers.Keys));
    }

    [Fact]
    public async Task A_redirect_within_the_hub_keeps_the_token()
    {
        _hub.Options = _hub.Options with { Token = "secret" };
        _hub.Mischief = request => request.Path.StartsWith("/moved", StringComparison.Ordinal)
            ? Right(request)
            : FakeHub.IsFor(request, FakeHub.Weights) ? new HostileAnswer(307).With("Location", "/moved/here") : null;
        await _hub.DownloadAsync(_folder);
        AssertRight();
        Assert.All(_hub.Requests, request => Assert.Equal("Bearer secret", request.Headers["Authorization"]));
    }

    [Theory]
    [InlineData("file:///etc/passwd", "expected a redirect to https")]
    [InlineData("", "expected a redirect to https")]
    [InlineData("?again", "more than 10 redirects")]
    public async Task A_redirect_to_nowhere_is_refused(string location, string words)
    {
        OnWeights(_ => new HostileAnswer(302).With("Location", location), andBelow: true);
        await AssertRefusedAsync(words);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_sends_the_whole_file()
    {
        OnWeights(_ => new HostileAnswer(200, Weights));
        await _hub.DownloadAsync(_folder);
        AssertRight();
    }

    [Fact]
    public async Task A_whole_file_that_is_cut_begins_anew()
    {
        var whole = 0;
        OnWeights(request => new HostileAnswer(200, Weights)
        {
            BreaksAfter = request.Range is null && Interlocked.Increment(ref whole) == 1 ? 4321 : int.MaxValue,
        });
        await _hub.DownloadAsync(_folder);
        AssertRight();
        Assert.Equal(2, whole);
    }

    [Theory]
    [InlineData("bytes 1-999/7123")]
    [InlineData("bytes 0-998/7123")]
    [InlineData("bytes 0-999/7124")]
    [InlineData("items 0-999/7123")]
    [InlineData("nonsense")]
    public async Task A_wrong_content_range_is_refused(string range)
    {
        _hub.Options = _hub.Options with { Connections = 1 };
        OnWeights(request => Right(request).With("Content-Range", range));
        await AssertRefusedAsync("gave up after 4 attempts: expected bytes 0-999 of 7123");
    }

    [Fact]
    public async Task A_range_of_the_wrong_length_is_refused()
    {
        OnWeights(request => new HostileAnswer(206, new byte[7])
            .With("Content-Range", $"bytes {request.Range!.Value.First}-{request.Range!.Value.Last}/{Weights.Length}"));
        await AssertRefusedAsync("bytes, got 7");
    }

    [Fact]
    public async Task Later_ranges_are_of_the_entity_that_the_first_was_of()
    {
        OnWeights(request => Right(request).With("ETag", "\"v1\""));
        _hub.Options = _hub.Options with { Connections = 1 };
        await _hub.DownloadAsync(_folder);
        var conditions = _hub.Requests.Where(request => FakeHub.IsFor(request, FakeHub.Weights))
            .Select(request => request.Headers.GetValueOrDefault("If-Range", "none"));
        Assert.Equal(["none", .. Enumerable.Repeat("\"v1\"", 7)], conditions);
    }

    [Fact]
    public async Task A_file_that_changes_on_the_way_is_fetched_again_from_its_beginning()
    {
        var other = Weights.Select(value => (byte)~value).ToArray();
        var count = 0;
        _hub.Options = _hub.Options with { Connections = 1 };
        OnWeights(request => Interlocked.Increment(ref count) <= 3
            ? FakeHub.Slice(other, request).With("ETag", FakeHub.ETag(other))
            : Right(request));
        await _hub.DownloadAsync(_folder);
        AssertRight();
        Assert.Equal([0, 1000, 2000, 3000, 0, 1000], _hub.Ranges.Select(range => range.First).Take(6));
    }

    [Fact]
    public async Task A_file_that_never_stays_the_same_is_refused()
    {
        var count = 0;
        OnWeights(request => Right(request).With("ETag", $"\"{Interlocked.Increment(ref count)}\""));
        await AssertRefusedAsync("changed on the server");
    }

    [Fact]
    public async Task A_file_changed_between_two_runs_is_fetched_again()
    {
        var other = Weights.Select(value => (byte)~value).ToArray();
        _hub.Options = _hub.Options with { Connections = 1 };
        OnWeights(request => request.Range!.Value.First < 3000
            ? FakeHub.Slice(other, request).With("ETag", FakeHub.ETag(other))
            : new HostileAnswer(403));
        await _hub.FailAsync(_folder);
        var before = _hub.Ranges.Count();
        _hub.Mischief = _ => null;
        await _hub.DownloadAsync(_folder);
        AssertRight();
        Assert.Equal([3000, 0, 1000, 2000], _hub.Ranges.Skip(before).Select(range => range.First).Take(4));
    }

    [Fact]
    public async Task Wrong_bytes_of_the_right_length_are_refused_and_removed()
    {
        var wrong = Weights.ToArray();
        wrong[^1] ^= 1;
        OnWeights(request => FakeHub.Slice(wrong, request));
        await AssertRefusedAsync("expected sha256:");
        Assert.False(File.Exists(_folder.PathOf($"{FakeHub.Weights}.part")));
    }

    [Fact]
    public async Task Wrong_bytes_of_a_small_file_are_refused()
    {
        _hub.Mischief = request => FakeHub.IsFor(request, "config.json")
            ? FakeHub.Slice("{\"model_type\": \"gptk\"}"u8.ToArray(), request)
            : null;
        Assert.Contains("expected git:", await _hub.FailAsync(_folder), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.PathOf("config.json")));
    }

    [Fact]
    public async Task Compressed_bytes_are_refused()
    {
        OnWeights(request => Right(request).With("Content-Encoding", "gzip"));
        await AssertRefusedAsync("encoded as gzip");
        Assert.All(_hub.Requests, request => Assert.Equal("identity", request.Headers["Accept-Encoding"]));
    }

    [Fact]
    public async Task An_endless_body_is_read_no_further_than_the_file()
    {
        OnWeights(_ => new HostileAnswer(200, Weights) { DeclaresLength = false, Endless = true });
        await _hub.DownloadAsync(_folder);
        AssertRight();
    }

    [Fact]
    public async Task An_endless_listing_is_refused()
    {
        _hub.Mischief = _ => new HostileAnswer(200) { DeclaresLength = false, Endless = true };
        Assert.Contains("expected at most 64 MiB", await _hub.FailAsync(_folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_size_beyond_the_disk_is_refused_before_anything_is_written()
    {
        _hub.Mischief = request => FakeHub.IsListing(request)
            ? Relisted($"\"size\":{Weights.Length}", $"\"size\":{long.MaxValue}", request)
            : null;
        Assert.Contains("MiB of free disk space", await _hub.FailAsync(_folder), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"sha\": 7}")]
    [InlineData("{\"sha\": \"main\", \"siblings\": []}")]
    [InlineData("{\"sha\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}")]
    [InlineData("{\"sha\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"siblings\": [1]}")]
    [InlineData("{\"sha\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"siblings\": []}")]
    [InlineData("{\"sha\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"siblings\": [{\"rfilename\": \"config.json\"}]}")]
    [InlineData("{\"sha\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"siblings\": [{\"rfilename\": \"config.json\"}, {\"rfilename\": \"pytorch_model.bin\"}]}")]
    public async Task A_listing_that_is_none_is_refused(string listing)
    {
        _hub.Mischief = _ => new HostileAnswer(200, listing);
        Assert.Contains("expected", await _hub.FailAsync(_folder), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1e99")]
    [InlineData("\"7\"")]
    public async Task A_size_that_is_none_is_refused(string size)
    {
        _hub.Mischief = request => Relisted($"\"size\":{Weights.Length}", $"\"size\":{size}", request);
        await AssertRefusedAsync("expected");
    }

    [Fact]
    public void Whatever_the_server_does_a_file_is_right_or_absent()
    {
        var mischief = Gen.Elements<Func<HostileRequest, HostileAnswer>>(
            Right,
            Right,
            Right,
            request => Right(request) with { BreaksAfter = 123 },
            request => Right(request) with { BreaksAfter = 77, Resets = true },
            request => Right(request).With("ETag", "\"other\""),
            request => Right(request).With("Content-Range", "bytes 5-9/10"),
            request => Right(request).With("Content-Encoding", "br"),
            request => FakeHub.Slice(new byte[Weights.Length], request).With("ETag", FakeHub.ETag(Weights)),
            request => FakeHub.Slice(new byte[Weights.Length], request),
            _ => new HostileAnswer(200, Weights),
            _ => new HostileAnswer(200, Weights) { DeclaresLength = false, Endless = true },
            _ => new HostileAnswer(416),
            _ => new HostileAnswer(503),
            _ => new HostileAnswer(204),
            _ => new HostileAnswer(403));
        var (completed, refused) = (0, 0);
        Prop.ForAll(mischief.ArrayOf(24).ToArbitrary(), answers =>
        {
            using var folder = new TemporaryFolder();
            var next = -1;
            OnWeights(request => answers[Interlocked.Increment(ref next) % answers.Length](request));
            for (var run = 0; run < 3; run++)
            {
                try
                {
                    _hub.DownloadAsync(folder).GetAwaiter().GetResult();
                    _hub.AssertComplete(folder, "config.json", "tokenizer.json", FakeHub.Weights);
                    completed++;
                }
                catch (HubException)
                {
                    Assert.False(File.Exists(folder.PathOf(FakeHub.Weights)));
                    refused++;
                }
            }

            _hub.Mischief = _ => null;
            _hub.DownloadAsync(folder).GetAwaiter().GetResult();
            _hub.AssertComplete(folder, "config.json", "tokenizer.json", FakeHub.Weights);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
        Assert.True(completed > 0 && refused > 0, $"{completed} completed, {refused} refused");
    }

    private HostileAnswer Right(HostileRequest request) =>
        FakeHub.Slice(Weights, request).With("ETag", FakeHub.ETag(Weights));

    private HostileAnswer Relisted(string before, string after, HostileRequest request)
    {
        var answer = _hub.Answer(request);
        var listing = Encoding.UTF8.GetString(answer.Body);
        Assert.Contains(before, listing, StringComparison.Ordinal);
        return new HostileAnswer(200, listing.Replace(before, after, StringComparison.Ordinal));
    }

    private void OnWeights(Func<HostileRequest, HostileAnswer?> answer, bool andBelow = false) => _hub.Mischief = request =>
        FakeHub.IsFor(andBelow ? request with { Path = request.Path.Split('?')[0] } : request, FakeHub.Weights)
            ? answer(request)
            : null;

    private static Func<HostileRequest, HostileAnswer?> Once(Func<HostileRequest, HostileAnswer> answer)
    {
        var count = 0;
        return request => Interlocked.Increment(ref count) == 1 ? answer(request) : null;
    }

    private async Task AssertRefusedAsync(string words)
    {
        Assert.Contains(words, await _hub.FailAsync(_folder), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.PathOf(FakeHub.Weights)));
    }

    private void AssertRight() => _hub.AssertComplete(_folder, "config.json", "tokenizer.json", FakeHub.Weights);
}
