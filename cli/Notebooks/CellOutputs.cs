namespace Logitscope.Cli.Notebooks;

/// <summary>Collects what one cell puts out, in order, from whatever threads it uses.</summary>
internal sealed class CellOutputs
{
    private readonly Lock _gate = new();
    private readonly List<Output> _entries = [];
    private bool _closed;

    public void Write(string stream, string text)
    {
        lock (_gate)
        {
            if (_closed || text.Length == 0)
            {
                return;
            }

            if (_entries.LastOrDefault() is not StreamOutput last || last.Name != stream)
            {
                _entries.Add(last = new StreamOutput(stream));
            }

            last.Text.Append(text);
        }
    }

    public void Add(Output entry)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _entries.Add(entry);
            }
        }
    }

    /// <summary>Adds why the cell was given up; what the cell still sends is dropped.</summary>
    public void CloseWith(ErrorOutput error)
    {
        Add(error);
        lock (_gate)
        {
            _closed = true;
        }
    }

    public IReadOnlyList<Output> Snapshot()
    {
        lock (_gate)
        {
            return [.. _entries];
        }
    }
}
