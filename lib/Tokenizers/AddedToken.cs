namespace Logitscope.Tokenizers;

/// <summary>A token that is found in a text as it is written, such as <c>&lt;|endoftext|&gt;</c>.</summary>
/// <param name="Text">How it is written.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsNormalized">Whether it is looked for in the normalised text, in its own normalised form.</param>
internal readonly record struct AddedToken(string Text, int Id, bool IsNormalized = false);
