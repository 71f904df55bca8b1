using System.Net;
using System.Net.Http.Headers;

namespace Logitscope.Cli.Hub;

/// <summary>
/// Requests to the hub and to where it redirects, with retries. The proxy is the environment's (HTTPS_PROXY, NO_PROXY).
/// </summary>
internal sealed class HubClient(HubOptions options, Action<string> onRetry) : IDisposable
{
    private const int MostRedirects = 10;
    private const int JsonLimit = 64 << 20;

    // Redirects are followed by hand, because the token must not follow them; bodies come as they are, because ranges
    // and hashes are those of the bytes on the hub.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = options.IdleTimeout,
        Proxy = new EnvironmentProxy(HttpClient.DefaultProxy),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { UserAgent = { new ProductInfoHeaderValue("logitscope", "0.1") } },
    };

    /// <summary>
    /// The environment's proxy, and what curl reads in NO_PROXY and .NET does not: <c>*</c>, and ranges of addresses as
    /// <c>10.0.0.0/8</c>.
    /// </summary>
    internal sealed class EnvironmentProxy(IWebProxy inner) : IWebProxy
    {
        private static readonly char[] s_between = [',', ' '];

        private readonly string[] _exceptions =
            (Environment.GetEnvironmentVariable("no_proxy") ?? Environment.GetEnvironmentVariable("NO_PROXY") ?? "")
            .Split(s_between, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        public ICredentials? Credentials
        {
            get => inner.Credentials;
            set => inner.Credentials = value;
        }

        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : inner.GetProxy(destination);

        public bool IsBypassed(Uri host) =>
            _exceptions is ["*"]
            || (IPAddress.TryParse(host.DnsSafeHost, out var address)
                && _exceptions.Any(range => IPNetwork.TryParse(range, out var network) && network.Contains(address)))
            || inner.IsBypassed(host);
    }

    /// <summary>Runs attempts until one succeeds, each after a longer wait, or the one that the server asks for.</summary>
    public async Task<T> RetryAsync<T>(string what, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        for (var number = 1; ; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return await attempt(cancellation).ConfigureAwait(false);
            }
            catch (TransientException error)
            {
                var wait = Delay(number, error.RetryAfter);
                if (number == options.Attempts)
                {
                    throw new HubException($"{what}: gave up after {number} attempts: {error.Message}", error);
                }

                if (wait > options.LongestDelay)
                {
                    throw new HubException($"{what}: {error.Message}, and asks to come back in {wait.TotalSeconds:N0} s", error);
                }

                onRetry($"{what}: {error.Message}; again in {wait.TotalSeconds:0.0} s");
                await Task.Delay(wait, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The whole body of a small answer, and of which revision it says that it is.</summary>
    public Task<(byte[] Body, string? Revision)> GetAsync(
        string what, Uri uri, CancellationToken cancellation) => RetryAsync(
        what,
        async token =>
        {
            using var answer = await OpenAsync(what, uri, null, null, token).ConfigureAwait(false);
            using var body = new MemoryStream();
            var buffer = new byte[1 << 16];
            int length;
            while ((length = await answer.ReadAsync(buffer, token).ConfigureAwait(false)) > 0)
            {
                body.Write(buffer, 0, length);
                if (body.Length > JsonLimit)
                {
                    throw new HubException($"{what}: expected at most {JsonLimit >> 20} MiB, got more");
                }
            }

            return (body.ToArray(), answer.Header("X-Revision"));
        },
        cancellation);

    /// <summary>Sends one request, follows its redirects, and returns as soon as the head of an answer is there.</summary>
    public async Task<HubAnswer> OpenAsync(
        string what, Uri uri, RangeHeaderValue? range, string? etag, CancellationToken cancellation)
    {
        for (var redirects = 0; redirects <= MostRedirects; redirects++)
        {
            var response = await SendAsync(uri, range, etag, cancellation).ConfigureAwait(false);
            try
            {
                if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308)
                {
                    uri = Target(what, uri, response);
                    response.Dispose();
                    continue;
                }

                Check(what, uri, response, range is not null);
                var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
                return new HubAnswer(response, body, options.IdleTimeout);
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }

        throw new HubException($"{what}: expected a file, got more than {MostRedirects} redirects");
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        Uri uri, RangeHeaderValue? range, string? etag, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Range = range;
        request.Headers.AcceptEncoding.Add(new("identity"));
        if (range is not null && EntityTagHeaderValue.TryParse(etag, out var strong) && !strong.IsWeak)
        {
            request.Headers.IfRange = new(strong);
        }

        if (options.Token is { } token && IsHub(uri))
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        return await HubAnswer.PatientAsync(
            options.IdleTimeout,
            patience => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience),
            cancellation).ConfigureAwait(false);
    }

    private bool IsHub(Uri uri) => Uri.Compare(
        uri, options.Endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static Uri Target(string what, Uri from, HttpResponseMessage response)
    {
        var to = response.Headers.Location is { } location ? new Uri(from, location) : null;
        return to?.Scheme == Uri.UriSchemeHttps || (to?.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp)
            ? to
            : throw new HubException($"{what}: expected a redirect to https, got '{to?.ToString() ?? "nothing"}'");
    }

    private void Check(string what, Uri uri, HttpResponseMessage response, bool ranged)
    {
        var status = (int)response.StatusCode;
        var words = response.Headers.TryGetValues("X-Error-Message", out var values)
            ? $": {string.Join(' ', values)}"
            : string.Empty;
        switch (status)
        {
            case 200 or 206 when response.Content.Headers.ContentEncoding.FirstOrDefault(code => code != "identity") is { } code:
                throw new TransientException($"{uri.Host} sends bytes encoded as {code}, which were asked for as they are");
            case 200 or 206:
                return;
            case 401 or 403:
                var hint = options.Token is null
                    ? "set HF_TOKEN to a token that may read it; there may also be no such repository"
                    : "the token in HF_TOKEN may not read it, its terms were not accepted on the hub, or it does not exist";
                throw new HubException($"{what}: {uri.Host} refuses access ({status}{words}); {hint}");
            case 404:
                throw new HubException($"{what}: {uri.Host} has no such repository, revision or file (404{words})");
            case 416 when ranged:
                throw new ChangedException($"{uri.Host} has fewer bytes than listed (416)");
            case 408 or 425 or 429 or 500 or 502 or 503 or 504:
                throw new TransientException($"{uri.Host} answers {status}{words}", RetryAfter(response));
            default:
                throw new HubException($"{what}: expected a file from {uri.Host}, got status {status}{words}");
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > DateTimeOffset.UtcNow => date - DateTimeOffset.UtcNow,
        _ => null,
    };

    private TimeSpan Delay(int number, TimeSpan retryAfter)
    {
        var backOff = options.FirstDelay * Math.Pow(2, number - 1) * (0.5 + (Random.Shared.NextDouble() / 2));
        var capped = backOff < options.LongestDelay ? backOff : options.LongestDelay;
        return retryAfter > capped ? retryAfter : capped;
    }
}

/// <summary>An answer whose head has come; its body is read bit by bit, and no wait is longer than the idle timeout.</summary>
internal sealed class HubAnswer(HttpResponseMessage response, Stream body, TimeSpan idleTimeout) : IDisposable
{
    public HttpStatusCode Status => response.StatusCode;

    public string? ETag => response.Headers.ETag?.ToString();

    public HttpContentHeaders Headers => response.Content.Headers;

    /// <summary>A header's value, or null.</summary>
    public string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    /// <summary>Reads what is there, up to the buffer's length; 0 at the end.</summary>
    public Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        PatientAsync(idleTimeout, token => body.ReadAsync(buffer, token).AsTask(), cancellation);

    /// <summary>Runs one step on the network, and tells its failures as such.</summary>
    public static async Task<T> PatientAsync<T>(
        TimeSpan idleTimeout, Func<CancellationToken, Task<T>> step, CancellationToken cancellation)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(idleTimeout);
        try
        {
            return await step(timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new TransientException($"nothing came for {idleTimeout.TotalSeconds:0.#} s", inner: error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            cancellation.ThrowIfCancellationRequested();

            // Only TLS keeps its reason inside.
            var reason = error is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
                ? error.GetBaseException()
                : error;
            throw new TransientException(reason.Message, inner: error);
        }
    }

    public void Dispose() => response.Dispose();
}

/// <summary>A failure that another attempt may not meet.</summary>
internal sealed class TransientException(string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(OneLine.Of(message), inner)
{
    public TimeSpan RetryAfter { get; } = retryAfter ?? TimeSpan.Zero;
}

/// <summary>What has been received so far is not one file: it must be fetched again from its beginning.</summary>
internal sealed class ChangedException(string message) : Exception(message);
