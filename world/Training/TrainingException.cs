namespace Logitscope.World;

/// <summary>A model cannot be trained as the recipe says.</summary>
/// <param name="message">What, expected, got, where.</param>
/// <param name="inner">What caused it.</param>
internal sealed class TrainingException(string message, Exception? inner = null) : LogitscopeException(message, inner);
