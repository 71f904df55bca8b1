namespace Logitscope.Cli.Hub;

/// <summary>A failure that another attempt may not meet.</summary>
/// <param name="message">What went wrong.</param>
/// <param name="retryAfter">How long the server asks to wait.</param>
/// <param name="inner">What caused it.</param>
internal sealed class TransientException(string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(message, inner)
{
    public TimeSpan RetryAfter { get; } = retryAfter ?? TimeSpan.Zero;
}
