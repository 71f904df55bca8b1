namespace Logitscope.World;

/// <summary>A file of the atlas, or of the natural text beside it, does not say what it must. The message names the
/// file and the line.</summary>
internal sealed class AtlasException(string message, Exception? inner = null) : LogitscopeException(message, inner);
