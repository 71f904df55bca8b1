using System.Text.Json;
using System.Web;
using Logitscope.Cli.Hub;

namespace Logitscope.Tests.Cli.Hub;

/// <summary>The reference's documents come whole and in order, or not at all.</summary>
public sealed class PileRowsTests : IDisposable
{
    private readonly FakeHub _hub = new();
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<int, string> _special = new()
    {
        [3] = "two\nlines, \"quotes\", \t, \u00e9 and \U0001F600",
        [4] = "",
    };

    private string _revision = "r1";

    public PileRowsTests() => _hub.Mischief = Rows;

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Documents_are_the_first_rows_in_order_as_a_file_of_examples()
    {
        var (path, facts) = await FetchAsync(250);
        Assert.Equal(Enumerable.Range(0, 250).Select(TextOf), ExampleFile.Read(path).Select(example => example.Text));
        Assert.Equal("pile:249", ExampleFile.Read(path).Last().Id);
        Assert.Equal(["0+100", "100+100", "200+50"], Asked());
        Assert.Equal((250, 250, "r1", 0), (facts.Rows, facts.Documents, facts.Revision, facts.LeftOut.Count));
        Assert.Equal(
            ["first-250.json", "first-250.jsonl"],
            Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task What_is_there_is_checked_without_a_request()
    {
        var (path, facts) = await FetchAsync(5);
        var before = Asked().Length;
        var again = await FetchAsync(5);
        Assert.Equal(facts.Sha256, again.Documents.Sha256);
        Assert.Equal(before, Asked().Length);
        await File.AppendAllTextAsync(path, "\n", TestContext.Current.CancellationToken);
        Assert.Contains("remove both", await FailAsync(5), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_fetch_goes_on_with_its_next_page()
    {
        _hub.Mischief = request => Asks(request) == "200+100" ? new HostileAnswer(403) : Rows(request);
        await FailAsync(300);
        Assert.False(File.Exists(_folder.PathOf("first-300.jsonl")));
        await File.AppendAllTextAsync(
            _folder.PathOf("first-300.jsonl.part"), "{\"offset\":200,\"texts\":[\"ha", TestContext.Current.CancellationToken);
        _hub.Mischief = Rows;
        var (path, _) = await FetchAsync(300);
        Assert.Equal(Enumerable.Range(0, 300).Select(TextOf), ExampleFile.Read(path).Select(example => example.Text));
        Assert.Equal(["0+100", "100+100", "200+100", "200+100"], Asked());
    }

    [Fact]
    public async Task A_text_cut_for_the_pages_sake_is_fetched_alone_and_comes_whole()
    {
        _hub.Mischief = request => Asks(request) == "0+100" ? Rows(request, cut: [7, 9]) : Rows(request);
        var (path, facts) = await FetchAsync(100);
        Assert.Equal(Enumerable.Range(0, 100).Select(TextOf), ExampleFile.Read(path).Select(example => example.Text));
        Assert.Empty(facts.LeftOut);
        Assert.Equal(["0+100", "7+1", "9+1"], Asked());
    }

    [Fact]
    public async Task A_text_that_is_always_cut_is_left_out_and_named()
    {
        _hub.Mischief = request => Rows(request, cut: [7]);
        var (path, facts) = await FetchAsync(100);
        Assert.Equal([7], facts.LeftOut);
        Assert.Equal(99, facts.Documents);
        Assert.Equal(
            Enumerable.Range(0, 100).Where(row => row != 7).Select(row => $"pile:{row}"),
            ExampleFile.Read(path).Select(example => example.Id));
    }

    [Fact]
    public async Task A_data_set_that_changes_on_the_way_is_not_mixed()
    {
        _hub.Mischief = request =>
        {
            _revision = Asks(request) == "100+100" ? "r2" : _revision;
            return Rows(request);
        };
        Assert.Contains("changed from r1 to r2", await FailAsync(200), StringComparison.Ordinal);
        var (_, facts) = await FetchAsync(200);
        Assert.Equal("r2", facts.Revision);
        Assert.Equal(["0+100", "100+100", "0+100", "100+100"], Asked());
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("{\"rows\": []}")]
    [InlineData("{\"rows\": [{\"row_idx\": 1, \"row\": {\"text\": \"b\"}, \"truncated_cells\": []}]}")]
    [InlineData("{\"rows\": [{\"row_idx\": 0, \"row\": {\"text\": 7}, \"truncated_cells\": []}]}")]
    [InlineData("{\"rows\": [{\"row_idx\": 0, \"row\": {\"text\": null}, \"truncated_cells\": []}]}")]
    [InlineData("{\"rows\": [{\"row_idx\": 0, \"row\": {\"text\": \"\\ud800\"}, \"truncated_cells\": []}]}")]
    [InlineData("{\"rows\": [{\"row_idx\": 0, \"row\": {}, \"truncated_cells\": []}]}")]
    [InlineData("{\"rows\": [{\"row_idx\": 0, \"row\": {\"text\": \"a\"}}]}")]
    public async Task An_answer_that_is_none_is_refused(string answer)
    {
        _hub.Mischief = _ => new HostileAnswer(200, answer);
        Assert.Contains("expected", await FailAsync(1), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.PathOf("first-1.jsonl")));
    }

    [Fact]
    public async Task A_passing_failure_is_tried_again_and_the_token_is_not_sent()
    {
        var count = 0;
        _hub.Options = _hub.Options with { Token = "secret", Endpoint = new("https://hub.invalid") };
        _hub.Mischief = request => Interlocked.Increment(ref count) == 1 ? new HostileAnswer(502) : Rows(request);
        await FetchAsync(1);
        Assert.Equal(2, count);
        Assert.All(_hub.Requests, request => Assert.DoesNotContain("Authorization", request.Headers.Keys));
    }

    [Fact]
    public async Task Offline_nothing_is_asked()
    {
        _hub.Options = _hub.Options with { Offline = true };
        Assert.Contains("offline", await FailAsync(1), StringComparison.Ordinal);
        Assert.Empty(_hub.Requests);
    }

    private Task<(string Path, PileDocuments Documents)> FetchAsync(int count) =>
        PileRows.RunAsync(count, _folder.Path, _hub.Options, null, TestContext.Current.CancellationToken);

    private async Task<string> FailAsync(int count) =>
        (await Assert.ThrowsAsync<HubException>(() => FetchAsync(count))).Message;

    private string TextOf(int row) => _special.GetValueOrDefault(row, $"document {row}");

    private string[] Asked() => [.. _hub.Requests.Select(Asks)];

    private static string Asks(HostileRequest request)
    {
        var query = HttpUtility.ParseQueryString(request.Path.Split('?')[1]);
        Assert.Equal(PileRows.Dataset, query["dataset"]);
        Assert.Equal(("default", "train"), (query["config"], query["split"]));
        return $"{query["offset"]}+{query["length"]}";
    }

    private HostileAnswer Rows(HostileRequest request) => Rows(request, []);

    private HostileAnswer Rows(HostileRequest request, int[] cut)
    {
        var (offset, length) = Asks(request).Split('+') switch { var parts => (int.Parse(parts[0]), int.Parse(parts[1])) };
        return new HostileAnswer(200, JsonSerializer.Serialize(new
        {
            rows = Enumerable.Range(offset, length).Select(row => new
            {
                row_idx = row,
                row = new { text = cut.Contains(row) ? "docu" : TextOf(row) },
                truncated_cells = cut.Contains(row) ? ["text"] : Array.Empty<string>(),
            }),
        })).With("X-Revision", _revision);
    }
}
