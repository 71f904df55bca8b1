namespace Logitscope.Cli.Hub;

/// <summary>Where the hub is, who asks, and how patient the asking is.</summary>
internal sealed record HubOptions
{
    /// <summary>The hub: its API and its files. Variable <c>HF_ENDPOINT</c>.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The server of data sets' rows. Variable <c>HF_DATASETS_SERVER</c>.</summary>
    public Uri DatasetsServer { get; init; } = new("https://datasets-server.huggingface.co");

    /// <summary>Sent to <see cref="Endpoint"/> and to no other host. Variable <c>HF_TOKEN</c>.</summary>
    public string? Token { get; init; }

    /// <summary>Only what is already complete on disk; no request is made. Variable <c>HF_HUB_OFFLINE</c>.</summary>
    public bool Offline { get; init; }

    /// <summary>How many ranges of a file are fetched at once.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Bytes of a range: what a kill can lose, times <see cref="Connections"/>.</summary>
    public long ChunkBytes { get; init; } = 16 << 20;

    /// <summary>How often one request is made before it is given up.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>How often a file that changed or has a wrong hash is fetched again from its beginning.</summary>
    public int Restarts { get; init; } = 1;

    /// <summary>The longest silence of a server, in a connection, before an answer, and within one.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait before the second attempt; it doubles with each further one, less up to a half by chance.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A server that asks for a longer wait than this is given up.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The defaults, and what the environment's variables say otherwise.</summary>
    public static HubOptions FromEnvironment()
    {
        var defaults = new HubOptions();
        var options = defaults with
        {
            Endpoint = Address("HF_ENDPOINT", defaults.Endpoint),
            DatasetsServer = Address("HF_DATASETS_SERVER", defaults.DatasetsServer),
            Token = Printing(Variable("HF_TOKEN")),
            Offline = Variable("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE",
        };
        return options.Token is null || options.Endpoint.Scheme == Uri.UriSchemeHttps || options.Endpoint.IsLoopback
            ? options
            : throw new HubException($"HF_ENDPOINT: expected https where HF_TOKEN is set, got {options.Endpoint}");
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value ? value : null;

    private static Uri Address(string name, Uri otherwise)
    {
        if (Variable(name) is not { } value)
        {
            return otherwise;
        }

        return Uri.TryCreate(value, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
                ? address
                : throw new HubException($"{name}: expected an address like {otherwise}, got '{value}'");
    }

    private static string? Printing(string? value) => value is null || value.All(sign => sign is > ' ' and <= '~')
        ? value
        : throw new HubException("HF_TOKEN: expected letters, digits and signs, got other characters");
}

/// <summary>The hub refuses, sends something wrong, or cannot be reached; or the folder to download to does not fit.</summary>
internal sealed class HubException(string message, Exception? inner = null) : LogitscopeException(message, inner);
