using System.Text;

namespace Logitscope.Cli.Notebooks;

/// <summary>One entry below a code cell.</summary>
internal abstract class Output;

/// <summary>What the cell wrote to the console, up to the next entry of another kind.</summary>
/// <param name="name">stdout or stderr.</param>
internal sealed class StreamOutput(string name) : Output
{
    public string Name { get; } = name;

    public StringBuilder Text { get; } = new();
}

/// <summary>A value that was shown; <see cref="Data"/> changes in place when the cell updates it.</summary>
/// <param name="data">Text by MIME type.</param>
/// <param name="isResult">Whether it is the cell's trailing expression.</param>
internal sealed class DisplayOutput(IReadOnlyDictionary<string, string> data, bool isResult) : Output
{
    public IReadOnlyDictionary<string, string> Data { get; set; } = data;

    public bool IsResult { get; } = isResult;
}

/// <summary>Why the cell failed.</summary>
/// <param name="name">Type of the error.</param>
/// <param name="message">What a reader needs.</param>
/// <param name="traceback">Lines that show where.</param>
internal sealed class ErrorOutput(string name, string message, IReadOnlyList<string> traceback) : Output
{
    public string Name { get; } = name;

    public string Message { get; } = message;

    public IReadOnlyList<string> Traceback { get; } = traceback;
}
