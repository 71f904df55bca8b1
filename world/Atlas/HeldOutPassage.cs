namespace Logitscope.World;

/// <summary>Natural text that no training sees.</summary>
/// <param name="Source">The collection that its document was drawn from, as its row says in <c>meta.source</c>.</param>
/// <param name="Text">The passage.</param>
internal sealed record HeldOutPassage(string Source, string Text);
