namespace Logitscope.Cli.Notebooks;

/// <summary>A notebook cannot be read, run or written; the message names the file and the cell.</summary>
public sealed class NotebookException(string message, Exception? inner = null)
    : LogitscopeException(message, inner);
