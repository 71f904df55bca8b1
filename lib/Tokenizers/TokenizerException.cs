namespace Logitscope.Tokenizers;

/// <summary>
/// A tokenizer's files cannot be used, or an id or a BOS was asked for that the tokenizer does not have. The message
/// names the file and line where there is one.
/// </summary>
/// <param name="message">What, expected, got, where.</param>
/// <param name="inner">What caused it, for a debugger.</param>
public sealed class TokenizerException(string message, Exception? inner = null) : LogitscopeException(message, inner);
