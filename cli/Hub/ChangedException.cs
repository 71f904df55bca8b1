namespace Logitscope.Cli.Hub;

/// <summary>What has been received so far is not one file: it must be fetched again from its beginning.</summary>
/// <param name="message">What differs.</param>
internal sealed class ChangedException(string message) : Exception(message);
