namespace Logitscope.Datasets;

/// <summary>A file of examples, or an example, cannot be used. The message names file and line where it can.</summary>
/// <param name="message">What, expected, got, where: one line.</param>
/// <param name="inner">What caused it, for a debugger.</param>
public sealed class DatasetException(string message, Exception? inner = null) : LogitscopeException(message, inner);
