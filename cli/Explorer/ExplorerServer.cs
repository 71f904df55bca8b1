using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Logitscope.Cli.Explorer;

/// <summary>
/// The explorer's page and its questions, on this machine alone: loopback, a random token in a header that no other page can set, Host and
/// Origin checked, and nothing read from settings that lie about.
/// </summary>
internal sealed class ExplorerServer : IAsyncDisposable
{
    private const string TokenHeader = "X-Logitscope-Token";
    private const long LargestQuestion = 256 << 10;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly Dictionary<string, (string Resource, string Type)> s_files = new()
    {
        ["/"] = ("index.html", "text/html; charset=utf-8"),
        ["/explorer.css"] = ("explorer.css", "text/css; charset=utf-8"),
        ["/explorer.js"] = ("explorer.js", "text/javascript; charset=utf-8"),
        ["/grid.js"] = ("grid.js", "text/javascript; charset=utf-8"),
        ["/export.js"] = ("export.js", "text/javascript; charset=utf-8"),
        ["/favicon.ico"] = ("icon.svg", "image/svg+xml"),
    };

    private readonly WebApplication _app;
    private readonly ExplorerSession _session;
    private readonly byte[] _token;

    private ExplorerServer(WebApplication app, ExplorerSession session, string token) =>
        (_app, _session, _token, Token) = (app, session, Encoding.ASCII.GetBytes(token), token);

    /// <summary>What a question must carry.</summary>
    public string Token { get; }

    /// <summary>Where the page is, without the token.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>Where a person opens it: the token is behind the #, which no server is told.</summary>
    public string Link => $"{Address}#token={Token}";

    /// <summary>Listens.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="port">0: any that is free.</param>
    /// <param name="fitted">Lenses that were fitted to the model, and their folders.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ExplorerServer> Start(LanguageModel model, int port, params IReadOnlyList<(NextTokenTechnique Technique, string Folder)> fitted)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, port);
            options.Limits.MaxRequestBodySize = LargestQuestion;
            options.AddServerHeader = false;
        });
        builder.Services.AddRoutingCore();
        var server = new ExplorerServer(builder.Build(), new ExplorerSession(model, fitted), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        server._app.Run(server.Answer);
        await server._app.StartAsync().ConfigureAwait(false);
        return server;
    }

    /// <summary>Stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        _session.Dispose();
    }

    private async Task Answer(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        Protect(response.Headers);
        if (!IsOurs(request.Host))
        {
            await Refuse(response, StatusCodes.Status421MisdirectedRequest, "another host").ConfigureAwait(false);
        }
        else if (request.Method == HttpMethods.Get && s_files.TryGetValue(request.Path, out var file))
        {
            response.ContentType = file.Type;
            await using var stream = typeof(ExplorerServer).Assembly.GetManifestResourceStream(file.Resource)!;
            await stream.CopyToAsync(response.Body, context.RequestAborted).ConfigureAwait(false);
        }
        else if (!request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await Refuse(response, StatusCodes.Status404NotFound, "no such page").ConfigureAwait(false);
        }
        else if (!IsFromOurPage(request))
        {
            await Refuse(response, StatusCodes.Status403Forbidden, "open the link that the command printed").ConfigureAwait(false);
        }
        else
        {
            await AnswerQuestion(context).ConfigureAwait(false);
        }
    }

    private async Task AnswerQuestion(HttpContext context)
    {
        var (request, response, aborted) = (context.Request, context.Response, context.RequestAborted);
        try
        {
            var answer = (request.Method, request.Path.Value) switch
            {
                ("GET", "/api/model") => _session.Facts,
                ("POST", "/api/read") => await _session.Read(await Question<ReadQuestion>().ConfigureAwait(false), aborted).ConfigureAwait(false),
                ("POST", "/api/pin") => await _session.Pin(await Question<PinQuestion>().ConfigureAwait(false), aborted).ConfigureAwait(false),
                ("POST", "/api/patch") => await _session.Patch(await Question<PatchQuestion>().ConfigureAwait(false), aborted).ConfigureAwait(false),
                _ => null,
            };
            if (answer is null)
            {
                await Refuse(response, StatusCodes.Status404NotFound, "no such question").ConfigureAwait(false);
                return;
            }

            response.ContentType = "application/json; charset=utf-8";
            await JsonSerializer.SerializeAsync(response.Body, answer, s_json, aborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            // The page has asked something else by now.
        }
        catch (BadHttpRequestException error)
        {
            await Refuse(response, error.StatusCode, error.Message).ConfigureAwait(false);
        }
        catch (JsonException error)
        {
            await Refuse(response, StatusCodes.Status400BadRequest, $"a question: expected JSON of another form ({OneLine.Of(error.Message)})").ConfigureAwait(false);
        }
        catch (Exception error) when (error is LogitscopeException || TorchRuntime.ErrorOf(error) is not null)
        {
            await Refuse(response, StatusCodes.Status400BadRequest, OneLine.Of((TorchRuntime.ErrorOf(error) ?? error).Message)).ConfigureAwait(false);
        }

        async Task<T> Question<T>() =>
            await JsonSerializer.DeserializeAsync<T>(request.Body, s_json, aborted).ConfigureAwait(false) ?? throw new JsonException("null");
    }

    private static Task Refuse(HttpResponse response, int status, string why)
    {
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        return response.WriteAsync(JsonSerializer.Serialize(new { error = why }, s_json));
    }

    // A page of another name that resolves to this address is not ours: DNS rebinding.
    private bool IsOurs(HostString host) => host.Port == Address.Port && host.Host is ("127.0.0.1" or "localhost");

    private bool IsFromOurPage(HttpRequest request)
    {
        var (origin, site) = (request.Headers.Origin.ToString(), request.Headers["Sec-Fetch-Site"].ToString());
        return (origin.Length == 0 || origin == $"http://{request.Host}")
            && (site.Length == 0 || site == "same-origin")
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(request.Headers[TokenHeader].ToString()), _token);
    }

    private static void Protect(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }
}
