namespace Logitscope;

/// <summary>An error whose message is written for the person at the keyboard: what, expected, got, where.</summary>
/// <param name="message">One line.</param>
/// <param name="inner">What caused it, for a debugger.</param>
public class LogitscopeException(string message, Exception? inner = null) : Exception(message, inner);
