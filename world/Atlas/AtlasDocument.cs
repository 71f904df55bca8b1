namespace Logitscope.World;

/// <summary>One document of the corpus, without a beginning-of-text token.</summary>
internal sealed record AtlasDocument(DocumentKind Kind, string Text);
