namespace Logitscope.World;

/// <summary>Which documents a corpus may hold; <see cref="HeldOut"/> draws the line.</summary>
internal enum DocumentSplit
{
    /// <summary>Those for training.</summary>
    Train,

    /// <summary>Those that training never sees.</summary>
    HeldOut,
}
