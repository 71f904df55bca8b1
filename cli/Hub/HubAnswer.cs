using System.Net;
using System.Net.Http.Headers;

namespace Logitscope.Cli.Hub;

/// <summary>An answer whose head has come; its body is read bit by bit, and no wait is longer than the idle timeout.</summary>
internal sealed class HubAnswer(HttpResponseMessage response, Stream body, TimeSpan idleTimeout) : IDisposable
{
    public HttpStatusCode Status => response.StatusCode;

    public string? ETag => response.Headers.ETag?.ToString();

    public HttpContentHeaders Headers => response.Content.Headers;

    /// <summary>A header's value, or null.</summary>
    public string? Header(string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    /// <summary>Reads what is there, up to the buffer's length; 0 at the end.</summary>
    /// <exception cref="TransientException">The server stalls or is gone.</exception>
    public Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        PatientAsync(idleTimeout, token => body.ReadAsync(buffer, token).AsTask(), cancellation);

    /// <summary>Runs one step on the network, and tells its failures as such.</summary>
    /// <exception cref="TransientException">It takes too long, or the connection fails.</exception>
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
            throw new TransientException(Printable.Of(reason.Message), inner: error);
        }
    }

    public void Dispose() => response.Dispose();
}
