using System.Text;

namespace Logitscope.Cli.Notebooks;

/// <summary>A console writer that hands each piece of text on, in order.</summary>
internal sealed class ConsoleCapture : TextWriter
{
    private readonly Action<string> _write;

    public ConsoleCapture(Action<string> write)
    {
        _write = write;
        CoreNewLine = ['\n'];
    }

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => _write(value.ToString());

    public override void Write(string? value) => _write(value ?? "");

    public override void Write(char[] buffer, int index, int count) => _write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => _write(buffer.ToString());

    public override void WriteLine(string? value) => _write(value + "\n");
}
