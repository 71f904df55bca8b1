namespace Logitscope.Datasets.Atlas;

/// <summary>One document of the corpus, without a beginning-of-text token.</summary>
public sealed record AtlasDocument(DocumentKind Kind, string Text);
