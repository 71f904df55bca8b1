namespace Logitscope.Cli.Hub;

/// <summary>The hub refuses, sends something wrong, or cannot be reached; or the folder to download to does not fit.</summary>
/// <param name="message">What, expected, got, where, in one line.</param>
/// <param name="inner">What caused it.</param>
internal sealed class HubException(string message, Exception? inner = null) : LogitscopeException(message, inner);
