namespace Logitscope.Tokenizers;

/// <summary>One token of an encoded text.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Value">The token as tables and charts show it: <see cref="Tokenizer.TokenText"/>.</param>
/// <param name="Offset">
/// The UTF-16 chars of the input of which the token holds any byte. Tokens that share the bytes of one character share
/// that character's range.
/// </param>
public readonly record struct EncodedToken(int Id, string Value, Range Offset);
