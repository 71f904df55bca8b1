namespace Logitscope.Models;

/// <summary>A model is asked for something that it does not have or cannot do.</summary>
/// <param name="message">What, expected, got, where.</param>
/// <param name="inner">What caused it.</param>
public sealed class ModelException(string message, Exception? inner = null) : LogitscopeException(message, inner);
