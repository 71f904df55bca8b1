namespace Logitscope.Cli.Notebooks.Pages;

/// <summary>A heading that the page's outline lists.</summary>
/// <param name="Level">1 to 6.</param>
/// <param name="Id">Unique in the page.</param>
/// <param name="Text">Without markup.</param>
internal sealed record Heading(int Level, string Id, string Text);
