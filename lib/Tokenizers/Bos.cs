namespace Logitscope.Tokenizers;

/// <summary>
/// Whether a text gets the beginning-of-sequence token in front. It moves every position by one and changes what a
/// model says, so it is never decided in silence.
/// </summary>
public enum Bos
{
    /// <summary>Prepend it. The reference does so for every prompt, though GPT-J's own tokenizer does not.</summary>
    Always,

    /// <summary>Encode the text alone.</summary>
    Never,

    /// <summary>Do what the model's own tokenizer does: <see cref="ModelTokenizer.AddsBos"/>.</summary>
    Model,
}
