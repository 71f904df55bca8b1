namespace Logitscope.Cli.Notebooks;

/// <summary>Collects what one cell puts out, in order, from whatever threads it uses.</summary>
internal sealed class CellOutputs
{
    private readonly Lock gate = new();
    private readonly List<Output> entries = [];
    private bool closed;

    public void Write(string stream, string text)
    {
        lock (gate)
        {
            if (closed || text.Length == 0)
            {
                return;
            }

            if (entries.LastOrDefault() is not StreamOutput last || last.Name != stream)
            {
                entries.Add(last = new StreamOutput(stream));
            }

            last.Text.Append(text);
        }
    }

    public void Add(Output entry)
    {
        lock (gate)
        {
            if (!closed)
            {
                entries.Add(entry);
            }
        }
    }

    /// <summary>Adds why the cell was given up; what the cell still sends is dropped.</summary>
    public void CloseWith(ErrorOutput error)
    {
        Add(error);
        lock (gate)
        {
            closed = true;
        }
    }

    public IReadOnlyList<Output> Snapshot()
    {
        lock (gate)
        {
            return [.. entries];
        }
    }
}
