using System.Text;

namespace Logitscope.Tests.Cli.Hub;

/// <summary>An answer, and what is wrong with it.</summary>
internal sealed record HostileAnswer(int Status, byte[] Body)
{
    public HostileAnswer(int status, string body = "")
        : this(status, Encoding.UTF8.GetBytes(body))
    {
    }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the length is sent; else the end of the connection is the end of the body.</summary>
    public bool DeclaresLength { get; init; } = true;

    /// <summary>Sends only so much of the body...</summary>
    public int BreaksAfter { get; init; } = int.MaxValue;

    /// <summary>... and then nothing more, instead of the connection's end...</summary>
    public bool Stalls { get; init; }

    /// <summary>... or ends it the hard way.</summary>
    public bool Resets { get; init; }

    /// <summary>Zeros follow the body until the client goes.</summary>
    public bool Endless { get; init; }

    /// <summary>Nothing is sent at all.</summary>
    public bool Silent { get; init; }

    public HostileAnswer With(string name, string value) =>
        this with { Headers = new Dictionary<string, string>(Headers) { [name] = value } };
}
