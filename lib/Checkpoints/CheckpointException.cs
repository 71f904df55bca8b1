namespace Logitscope.Checkpoints;

/// <summary>A model's files are missing, broken, or not what its configuration says.</summary>
/// <param name="message">File, tensor, expected and got. It becomes one line, however the files' names are.</param>
/// <param name="inner">What caused it.</param>
public sealed class CheckpointException(string message, Exception? inner = null)
    : LogitscopeException(OneLine(message), inner)
{
    private const int Longest = 2000;

    private static string OneLine(string message) => string.Concat(
        message.Take(Longest).Select(character => char.IsControl(character) ? '?' : character));
}
