using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Logitscope.Tests.Cli.Hub;

/// <summary>An HTTP server on this machine that sends exactly what a test wants, right or wrong.</summary>
internal sealed class HostileServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<HostileRequest, HostileAnswer> _answer;

    public HostileServer(Func<HostileRequest, HostileAnswer> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>What came so far.</summary>
    public ConcurrentQueue<HostileRequest> Requests { get; } = [];

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var request = await ReadAsync(stream);
                Requests.Enqueue(request);
                await SendAsync(client, stream, _answer(request));
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // The client has had enough, or the test is over.
            }
        }
    }

    private async Task<HostileRequest> ReadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, _end.Token);
            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new HostileRequest(
            lines[0].Split(' ')[1],
            lines[1..].Select(line => line.Split(": ", 2)).ToDictionary(
                pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase));
    }

    private async Task SendAsync(TcpClient client, NetworkStream stream, HostileAnswer answer)
    {
        if (answer.Silent)
        {
            await Task.Delay(Timeout.Infinite, _end.Token);
        }

        var head = new StringBuilder($"HTTP/1.1 {answer.Status} Whatever\r\nConnection: close\r\n");
        foreach (var (name, value) in answer.Headers)
        {
            head.Append($"{name}: {value}\r\n");
        }

        if (answer.DeclaresLength)
        {
            head.Append($"Content-Length: {answer.Body.Length}\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _end.Token);
        await stream.WriteAsync(answer.Body.AsMemory(0, Math.Min(answer.Body.Length, answer.BreaksAfter)), _end.Token);
        if (answer.BreaksAfter < answer.Body.Length)
        {
            if (answer.Stalls)
            {
                await Task.Delay(Timeout.Infinite, _end.Token);
            }

            client.Client.LingerState = new LingerOption(enable: answer.Resets, seconds: 0);
        }

        while (answer.Endless)
        {
            await stream.WriteAsync(new byte[1 << 16], _end.Token);
        }
    }
}
