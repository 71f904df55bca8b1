namespace Logitscope.Tokenizers;

/// <summary>What a tokenizer does to a text, or to a part of one, before it is cut and merged.</summary>
internal abstract class TextRewriter
{
    /// <summary>Leaves a text as it is.</summary>
    public static TextRewriter None { get; } = new Nothing();

    /// <summary>The stretch as the tokenizer wants it.</summary>
    public abstract Stretch Apply(Stretch stretch);

    private sealed class Nothing : TextRewriter
    {
        public override Stretch Apply(Stretch stretch) => stretch;
    }
}
